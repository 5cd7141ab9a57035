"""What can be done with roles, one verb a module."""
