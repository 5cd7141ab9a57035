"""Keys, signatures, hashes and X.509 structures made with pyca/cryptography."""
