"""What the service tells of itself, one verb a module."""
