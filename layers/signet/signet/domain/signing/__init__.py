"""One use of a key: algorithms, digests, PINs, and whether the use is let through."""
