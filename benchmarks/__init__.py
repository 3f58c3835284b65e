"""What is claimed about speed, reproducible with one command each."""
