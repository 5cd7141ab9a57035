"""Certificates and keys of this moment, for tests: `issue(subject="Release")` is all that most of them need."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509.oid import NameOID

PASSWORD = "open sesame"
"""Of every encrypted file made here, unless told otherwise."""

PIN = "a PIN, not guessed"
"""For tests that look for it in answers and tables, where four digits may stand in a hash or a time by chance."""

KEY_ALGORITHMS = (
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "ECC_NIST_P256",
    "ECC_NIST_P384",
    "ECC_NIST_P521",
    "ED25519",
)
"""Those that the openssl of any machine knows."""
ML_DSA_ALGORITHMS = ("ML_DSA_44", "ML_DSA_65", "ML_DSA_87")
_ML_DSA: dict[str, type[mldsa.MLDSA44PrivateKey | mldsa.MLDSA65PrivateKey | mldsa.MLDSA87PrivateKey]] = {
    "ML_DSA_44": mldsa.MLDSA44PrivateKey,
    "ML_DSA_65": mldsa.MLDSA65PrivateKey,
    "ML_DSA_87": mldsa.MLDSA87PrivateKey,
}

_CURVES: dict[str, type[ec.EllipticCurve]] = {
    "ECC_NIST_P256": ec.SECP256R1,
    "ECC_NIST_P384": ec.SECP384R1,
    "ECC_NIST_P521": ec.SECP521R1,
}
_numbers = itertools.count(1)


def a_key(algorithm: str = "ECC_NIST_P256") -> Any:
    """A new private key: `RSA_<bits>`, one of the three curves, `ED25519`, `ML_DSA_44` to `_87`, or another curve.

    RSA keys of more than 2048 bits take seconds to make, so of each length there is one.
    """
    if algorithm.startswith("RSA_"):
        bits = int(algorithm.removeprefix("RSA_"))
        return _long_rsa_key(bits) if bits > 2048 else rsa.generate_private_key(65537, bits)
    if algorithm == "ED25519":
        return ed25519.Ed25519PrivateKey.generate()
    if algorithm in _ML_DSA:
        return _ML_DSA[algorithm].generate()
    return ec.generate_private_key(_CURVES[algorithm]() if algorithm in _CURVES else getattr(ec, algorithm)())


@cache
def _long_rsa_key(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


@dataclass(frozen=True)
class Issued:
    """A certificate with its key and the path above it."""

    certificate: x509.Certificate
    key: Any = field(repr=False)
    chain: Sequence[x509.Certificate] = ()

    @cached_property
    def der(self) -> bytes:
        """The certificate alone."""
        return self.certificate.public_bytes(Encoding.DER)

    @cached_property
    def pem(self) -> bytes:
        """The certificate alone."""
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def chain_pem(self) -> bytes:
        """The path above it."""
        return b"".join(one.public_bytes(Encoding.PEM) for one in self.chain)

    def key_pem(self, password: str | None = None) -> bytes:
        """The key as PKCS#8."""
        encryption: KeySerializationEncryption = (
            NoEncryption() if password is None else BestAvailableEncryption(password.encode())
        )
        pem: bytes = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
        return pem

    def pkcs12(self, password: str | None = PASSWORD, name: str | None = None) -> bytes:
        """Certificate, key and path in one file."""
        encryption: KeySerializationEncryption = (
            NoEncryption() if password is None else BestAvailableEncryption(password.encode())
        )
        return serialize_key_and_certificates(
            None if name is None else name.encode(), self.key, self.certificate, list(self.chain), encryption
        )

    def body(self, **fields: Any) -> dict[str, Any]:
        """What `POST /v1/certificates` takes to import it as PEM with its key and with `fields`."""
        return {"content": in_base64(self.pem + self.key_pem() + self.chain_pem), **fields}


def issue(
    subject: str | None = None,
    *,
    algorithm: str = "ECC_NIST_P256",
    key: Any = None,
    public_key: Any = None,
    days: float = 365,
    begins_in_days: float = -1,
    issuer: Issued | None = None,
    ca: bool = False,
    name: x509.Name | None = None,
    serial_number: int | None = None,
) -> Issued:
    """A new certificate with the CN `subject` (one not used before, unless told), signed by `issuer` or the test CA.

    `days` is how long from now it is valid, `begins_in_days` from when. `public_key` stands for a key that the issuer
    never saw the private half of.
    """
    key = key or a_key(algorithm)
    issuer = issuer or authority()
    return _signed(
        subject or unused_name(),
        key,
        public_key or key.public_key(),
        begins_in_days,
        days,
        issuer,
        ca,
        name,
        serial_number,
    )


@cache
def authority() -> Issued:
    """The CA of this test run: a root."""
    key = a_key()
    return _signed("Test Root CA", key, key.public_key(), -3650, 3650, None, True, None)


def unused_name(start: str = "test") -> str:
    """A name, or alias, that no other test of this run has."""
    return f"{start} {next(_numbers):05}"


def in_base64(content: bytes) -> str:
    """As bodies carry bytes."""
    return base64.b64encode(content).decode()


def _signed(
    subject: str,
    key: Any,
    public_key: Any,
    begins: float,
    days: float,
    issuer: Issued | None,
    ca: bool,
    name: x509.Name | None,
    serial_number: int | None = None,
) -> Issued:
    now = datetime.now(UTC).replace(microsecond=0)
    own = name or x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "US"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example Corp"),
            x509.NameAttribute(NameOID.COMMON_NAME, subject),
        ]
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(own)
        .issuer_name(issuer.certificate.subject if issuer else own)
        .public_key(public_key)
        .serial_number(serial_number or x509.random_serial_number())
        .not_valid_before(now + timedelta(days=begins))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    signer = issuer.key if issuer else key
    algorithm = hashes.SHA256() if isinstance(signer, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) else None
    path = () if issuer is None else (issuer.certificate, *issuer.chain)
    return Issued(builder.sign(signer, algorithm), key, path)
