"""The synthetic city: files such as banks and bureaus would send, with the truth beside them."""
