"""The expiry calendar and its secret links, one verb a module."""
