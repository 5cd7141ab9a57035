"""What can be done with certificates, one verb a module."""
