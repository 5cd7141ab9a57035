"""X.509 as such: DER, names, extensions, what a certificate says (RFC 5280, X.690)."""
