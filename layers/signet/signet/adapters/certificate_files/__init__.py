"""The parts of reading certificate files: ASN.1, names, keys, password-based encryption, paths.

All of it works on bytes that a stranger sent. A length, a count or a depth that a file states is bounded before it is
handed to a library, so that every file is answered within 2 seconds and 200 MB (contract, section 3).
"""
