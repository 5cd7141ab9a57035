"""Policies: who may sign with what, from where and when, and how that is decided."""
