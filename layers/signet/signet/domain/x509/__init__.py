"""X.509 as such: names, extensions, what a certificate says (RFC 5280)."""
