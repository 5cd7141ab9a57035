"""A private key at rest."""

from dataclasses import dataclass, field

KEY_ID_PREFIX = "key_"
"""A key shares the body of its id with its signing request and its certificate: `req_X`, `crt_X`, `key_X`."""


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A private key that KMS encrypted for one key id; it opens for no other."""

    ciphertext: bytes = field(repr=False)
    """The CiphertextBlob of KMS `Encrypt`. Useless without KMS, yet no log has a need of it."""
