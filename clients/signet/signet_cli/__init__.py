"""The `signet` command and the PKCS#11 agent of Signet."""
