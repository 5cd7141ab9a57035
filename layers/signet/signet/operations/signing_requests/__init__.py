"""What can be done with signing requests, one verb a module."""
