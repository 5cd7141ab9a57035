"""How the audit record is read, one verb a module."""
