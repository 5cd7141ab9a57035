"""How much computing one file may ask for."""

from signet.domain.errors import UnreadableFileError

BUDGET_SECONDS = 1.2
"""What all that a file asks for may come to, by the estimates below; measured, the worst file takes 1.3 seconds."""

# Seconds for one of each, rounded up from what one x86-64 core took with CPython 3.11 and 3.13.
PBKDF2_ITERATION = {
    "md5": 0.6e-6, "sha1": 0.45e-6, "sha224": 0.55e-6, "sha256": 0.55e-6, "sha384": 0.95e-6, "sha512": 0.95e-6,
    "sha512_224": 0.95e-6, "sha512_256": 0.95e-6,
}  # fmt: skip
HASH_IN_A_LOOP = 0.8e-6
SCRYPT_BLOCK = 0.5e-6
"""One of the N·r·p blocks of 128 bytes, which scrypt passes twice (RFC 7914)."""
RC2_BLOCK = 30e-6
"""In Python; whence the need to count it."""
SIGNATURE_CHECK = 1e-3
"""By an RSA key of 8192 bits."""


class WorkBudget:
    """What is left of the work that a file may ask for.

    Work is counted before it is done, from what the file states, never from the clock: the same file gets the same
    answer on a busy machine.
    """

    def __init__(self, seconds: float = BUDGET_SECONDS) -> None:
        self._left = seconds

    def spend(self, seconds: float) -> None:
        """Count work that is about to be done.

        Raises:
            UnreadableFileError: the file has asked for too much by now.
        """
        self._left -= seconds
        if self._left < 0:
            raise UnreadableFileError(
                "The file asks for more computing than is allowed, by its iteration counts or size."
            )
