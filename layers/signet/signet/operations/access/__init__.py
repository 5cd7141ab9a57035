"""Who calls, and what they may do, one verb a module."""
