"""Certificates under management: what is kept of one, what is asked of it, what is shown."""
