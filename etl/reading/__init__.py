"""Bytes of a file → text rows with their line numbers, under the feed's declared layout."""
