"""Writes the description of the interface from the functions."""
