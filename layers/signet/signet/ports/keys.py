"""Private keys: reading, making, wrapping, signing; and PINs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from signet.domain.signing.key_algorithm import MessageType, SigningAlgorithm
    from signet.domain.signing.pin import Pin
    from signet.domain.signing.wrapped_key import WrappedKey
    from signet.domain.signing_requests.csr_command import CsrCommand
    from signet.domain.signing_requests.issued_warning import IssuedWarning
    from signet.domain.x509.certificate_facts import CertificateFile, CertificatePath

MAX_CERTIFICATE_FILE_BYTES: Final = 256 * 1024
"""What a certificate file may have."""


class CertificateReader(Protocol):
    """Reads certificate files."""

    def __call__(
        self, content: bytes, *, password: str | None, private_key: str | None, private_key_password: str | None
    ) -> CertificateFile:
        """What `content` brings; refusals are the errors of `domain/errors/certificate_file_errors.py`."""


class PathCompleter(Protocol):
    """Puts together the path above a certificate."""

    def __call__(self, certificate: bytes, *known: Sequence[bytes], at: datetime) -> CertificatePath:
        """The best path above `certificate` that `known` give, each DER; `known[0]` is the path as it was."""


class IssuedComparer(Protocol):
    """Compares what a CA issued with what was asked of it."""

    def __call__(self, csr: bytes, certificate: bytes) -> frozenset[IssuedWarning]:
        """What is odd about `certificate`, issued for the request `csr`; both DER."""


class PinHasher(Protocol):
    """Keeps PINs as salted, slow hashes."""

    def hash(self, pin: Pin) -> str:
        """What to store for `pin`."""

    def hash_text(self, text: str) -> str:
        """What to store for another secret."""

    def matches(self, text: str, kept: str) -> bool:
        """Whether `text` is the PIN that `kept` was made from."""


class KeyWrapper(Protocol):
    """Wraps private keys."""

    def wrap(self, private_key: bytes, *, of: str) -> WrappedKey:
        """Wrap `private_key`, PKCS#8 DER, for the key id `of`."""


class KeyUnwrapper(Protocol):
    """Unwraps what was wrapped."""

    def unwrap(self, wrapped: WrappedKey, *, of: str) -> bytes:
        """The PKCS#8 DER that was wrapped for the key id `of`."""


@dataclass(frozen=True, slots=True)
class NewRequest:
    """A key pair that has only just been made, and the CSR that it signed."""

    csr: bytes = field(repr=False)
    """DER (RFC 2986)."""
    private_key: bytes = field(repr=False)
    """PKCS#8 DER, on its way to be wrapped."""
    spki_sha256: str


class RequestMaker(Protocol):
    """Makes key pairs and their CSRs."""

    def make(self, command: CsrCommand) -> NewRequest:
        """A new key pair, and the CSR that `command` describes."""

    def command_of(self, certificate: bytes, key_algorithm: str) -> CsrCommand:
        """The command that asks for `certificate`, DER, again; its key is of `key_algorithm`."""


class KeyRing(Protocol):
    """Holds unwrapped keys for a short while, and signs with them."""

    def holds(self, key_id: str, key_version: int) -> bool:
        """Whether `sign` needs no wrapped key."""

    def sign(
        self,
        message: bytes,
        algorithm: SigningAlgorithm,
        message_type: MessageType,
        *,
        key_id: str,
        key_version: int,
        wrapped: WrappedKey | None,
        spki_sha256: str,
    ) -> bytes:
        """The signature of `message`."""


class PublicKeys(Protocol):
    """Knows the public keys of certificates."""

    def public_key(self, certificate: bytes) -> bytes:
        """The SubjectPublicKeyInfo of `certificate`; DER, both."""

    def made(
        self, signature: bytes, signed: bytes, algorithm: SigningAlgorithm, message_type: MessageType, *, by: bytes
    ) -> bool:
        """Whether the key of the certificate `by`, DER, made `signature` of a digest or a message."""
