"""What can be done with certificate groups, one verb a module."""
