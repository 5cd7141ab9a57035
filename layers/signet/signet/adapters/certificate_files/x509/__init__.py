"""Reads an X.509 certificate: names, extensions, keys, signatures."""
