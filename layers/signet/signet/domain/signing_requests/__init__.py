"""Signing requests: a key pair and its CSR that wait for the CA's certificate (RFC 2986)."""
