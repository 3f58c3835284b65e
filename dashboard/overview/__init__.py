"""What the Overview is made of: its sentence, its figures, its cards and their tables."""
