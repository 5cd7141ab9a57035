"""Logging in: the identity provider, where tokens are kept, and the tokens of pipelines."""
