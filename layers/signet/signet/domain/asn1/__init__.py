"""ASN.1 in its distinguished encoding: the one reader, the one writer, the one table of object identifiers (X.690)."""
