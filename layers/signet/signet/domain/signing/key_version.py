"""What is shown of the key of a certificate."""

from dataclasses import dataclass

from signet.domain.certificates.certificate import Certificate


@dataclass(frozen=True, slots=True)
class KeyVersion:
    """One certificate of a line of renewals, with its public key."""

    certificate: Certificate
    public_key: bytes
    """SubjectPublicKeyInfo, DER."""
    path: tuple[bytes, ...]
    """The certificate and what is above it, DER each."""
