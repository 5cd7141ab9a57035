"""Private keys in files: their encryption, and what makes one too weak."""
