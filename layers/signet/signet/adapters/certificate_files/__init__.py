"""The parts of reading certificate files: ASN.1, names, keys, password-based encryption, paths.

All of it works on bytes that a stranger sent. Nothing here hands a stated length, count or nesting to a library
before it was bounded: whatever a file says of itself, it is answered within 2 seconds and 200 MB (contract, section 3).
"""
