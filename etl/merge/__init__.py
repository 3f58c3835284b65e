"""Batches in use → raw, core and mart tables of a new generation. Set-based SQL moves; Python decides."""
