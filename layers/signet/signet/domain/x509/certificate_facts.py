"""What the register keeps of an X.509 certificate, and what a certificate file brings."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """What is read out of a certificate once, at import (RFC 5280)."""

    subject: str
    """RFC 4514 text."""
    issuer: str
    """RFC 4514 text."""
    common_name: str | None
    serial_number: str
    """Upper-case hex, whole bytes, as `openssl x509 -serial` writes it."""
    thumbprint_sha1: str
    """Upper-case hex of the SHA-1 of the DER."""
    thumbprint_sha256: str
    """Upper-case hex of the SHA-256 of the DER."""
    key_algorithm: str
    spki_sha256: str
    """Upper-case hex of the SHA-256 of the SubjectPublicKeyInfo's DER: the same key, the same value."""
    not_before: datetime
    not_after: datetime
    """Still valid at this very moment (RFC 5280, 4.1.2.5)."""
    issuer_keys: tuple[str, ...] = ()
    """Of a CA's certificate: by which keys it is found as the issuer of others."""


@dataclass(frozen=True, slots=True)
class CertificatePath:
    """The path above a certificate, as far as it is known."""

    chain: tuple[bytes, ...]
    """DER each, issuer first."""
    missing_issuer: tuple[str, ...]
    """By which keys the issuer above its end would be found, the surest first; none where the path ends in a root."""


@dataclass(frozen=True, slots=True)
class CertificateFile:
    """What one file brought: the certificate that matters, the rest of its path, and perhaps its private key."""

    certificate: bytes
    """DER."""
    chain: tuple[bytes, ...]
    """DER each, issuer first, as far as the file went; without the certificate itself."""
    facts: CertificateFacts
    private_key: bytes | None = field(default=None, repr=False)
    """PKCS#8 DER, checked, and shown to be the certificate's."""
    friendly_name: str | None = None
    """The PKCS#12 friendlyName of the certificate or its key (RFC 7292, 4.2; RFC 2985, 5.5.1)."""
