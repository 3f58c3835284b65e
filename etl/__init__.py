"""Files in, warehouse out: read, check, merge, publish."""
