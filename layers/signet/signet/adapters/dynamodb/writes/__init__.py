"""What changes write."""
