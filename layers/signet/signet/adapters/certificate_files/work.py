"""How much computing one file may ask for."""

from collections.abc import Callable, Hashable

from signet.domain.errors import UnreadableFileError

BUDGET_SECONDS = 1.85
"""What all that a file asks for may come to, by the estimates below.

The costliest file that a program writes by default is that of `pk12util -c` with 3DES: seven times 600,000 hashes in a
loop, 1.81 seconds. The check of an RSA key's primes comes on top: 0.26 seconds at most.
"""

# Seconds for one of each, as the slower of two x86-64 cores took them with CPython 3.11 and 3.13.
PBKDF2_ITERATION = {
    "md5": 0.45e-6, "sha1": 0.33e-6, "sha224": 0.34e-6, "sha256": 0.34e-6, "sha384": 0.74e-6, "sha512": 0.74e-6,
    "sha512_224": 0.75e-6, "sha512_256": 0.75e-6,
}  # fmt: skip
HASH_IN_A_LOOP = {
    "md5": 0.48e-6, "sha1": 0.43e-6, "sha224": 0.43e-6, "sha256": 0.43e-6, "sha384": 0.62e-6, "sha512": 0.62e-6,
}  # fmt: skip
SCRYPT_BLOCK = 0.5e-6
"""One of the N·r·p blocks of 128 bytes, which scrypt passes twice (RFC 7914)."""
SCRYPT_OUTPUT = 1.5e-6
"""One of the r·p blocks of 128 bytes that PBKDF2 makes before scrypt mixes them, and hashes afterwards."""
RC2_BLOCK = 30e-6
"""It runs in Python, so it is slow enough to be counted."""
SIGNATURE_CHECK = 1e-3
"""By an RSA key of 8192 bits."""
CANDIDATE = 2e-6
"""One more certificate that may be the issuer, once its key is known to be the issuer's."""

FEWER_ITERATIONS = (
    "The file asks for more computing than is allowed, by its iteration counts or its size. "
    "Write it with fewer iterations: up to 600,000 for each part of a file are read."
)
FEWER_CERTIFICATES = (
    "The file asks for more computing than is allowed: too many of its certificates could have issued one another. "
    "Leave only the certificate and its path in it."
)


class WorkBudget:
    """What is left of the work that a file may ask for.

    Work is counted before it is done, from what the file states, never from the clock: the same file gets the same
    answer on a busy machine.
    """

    def __init__(self, seconds: float = BUDGET_SECONDS) -> None:
        self._left = seconds
        self._derived: dict[Hashable, bytes] = {}

    @property
    def is_spent(self) -> bool:
        """Whether the file has asked for more than it may."""
        return self._left < 0

    def spend(self, seconds: float, *, advice: str = FEWER_ITERATIONS) -> None:
        """Count work that is about to be done; `advice` is what is told if it is too much.

        Raises:
            UnreadableFileError: the file has asked for too much by now.
        """
        self._left -= seconds
        if self._left < 0:
            raise UnreadableFileError(advice)

    def derive(self, seconds: float, what: Hashable, compute: Callable[[], bytes]) -> bytes:
        """What `compute` makes of `what`, all its inputs; done and counted once, however often a file asks for it.

        Raises:
            UnreadableFileError: the file has asked for too much by now.
        """
        if what not in self._derived:
            self.spend(seconds)
            self._derived[what] = compute()
        return self._derived[what]
