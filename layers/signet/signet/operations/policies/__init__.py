"""What can be done with policies, one verb a module."""
