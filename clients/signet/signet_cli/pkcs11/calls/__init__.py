"""What answers the calls of PKCS#11, a module for each theme of it."""
