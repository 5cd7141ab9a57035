"""PINs, kept only as a salted, slow hash."""

import hashlib
import hmac
import os
from base64 import b64decode, b64encode
from threading import BoundedSemaphore

from signet.domain.signing.pin import Pin, normalised_pin

# scrypt (RFC 7914): N = 2^15, r = 8, p = 1 takes 32 MiB and about 0.1 s of a core, so that a stolen table is slow to
# search and a signature does not wait long. What protects a short PIN is the lock after five wrong ones.
LOG2_N = 15
BLOCK_SIZE = 8
PARALLELISM = 1
SALT_BYTES = 16
HASH_BYTES = 32
MAX_MEMORY_BYTES = 64 * 1024 * 1024
# Lambda hashes one PIN at a time; a process that plays many functions must not take 32 MiB for every caller at once.
_AT_ONCE = BoundedSemaphore(4)


class ScryptPinHasher:
    """Hashes PINs with scrypt; the parameters stand in each hash, so that they can be raised later."""

    def hash(self, pin: Pin) -> str:
        """The text to keep of `pin`: `scrypt$15$8$1$<salt>$<hash>`, a fresh salt each time."""
        return self.hash_text(pin.text)

    def hash_text(self, text: str) -> str:
        """The same of another secret, in NFC."""
        salt = os.urandom(SALT_BYTES)
        digest = _scrypt(normalised_pin(text), salt, LOG2_N, BLOCK_SIZE, PARALLELISM, HASH_BYTES)
        return f"scrypt${LOG2_N}${BLOCK_SIZE}${PARALLELISM}${b64encode(salt).decode()}${b64encode(digest).decode()}"

    def matches(self, text: str, kept: str) -> bool:
        """Whether `text`, whatever a caller sent as a PIN or another secret, is the one that `kept` was made from.

        Takes the same time for every one, right or wrong.
        """
        name, log2_n, block_size, parallelism, salt, digest = kept.split("$")
        if name != "scrypt":
            raise ValueError(f"A PIN hash of an unknown kind: {name}")
        expected = b64decode(digest)
        found = _scrypt(
            normalised_pin(text), b64decode(salt), int(log2_n), int(block_size), int(parallelism), len(expected)
        )
        return hmac.compare_digest(found, expected)


def _scrypt(pin: str, salt: bytes, log2_n: int, block_size: int, parallelism: int, length: int) -> bytes:
    # A lone surrogate, which JSON can carry, is only another wrong PIN.
    octets = pin.encode("utf-8", "surrogatepass")
    with _AT_ONCE:
        return hashlib.scrypt(
            octets, salt=salt, n=1 << log2_n, r=block_size, p=parallelism, maxmem=MAX_MEMORY_BYTES, dklen=length
        )
