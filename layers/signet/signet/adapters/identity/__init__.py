"""Tokens of trusted issuers, and the keys that prove them."""
