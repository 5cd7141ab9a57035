"""Signet: takes care of an organisation's signing certificates."""
