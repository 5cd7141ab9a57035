"""Signing files: hashed here, signed there, and verified with the certificate alone."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from signet_cli.client import Client, path_of
from signet_cli.errors import CommandError, ProblemError, UsageError
from signet_cli.unanswered import Attempt

MAX_CERTIFICATE_FILE_BYTES = 256 * 1024
MAX_RAW_BYTES = 4 * 1024 * 1024
_BLOCK_BYTES = 1024 * 1024

_HASHES: Mapping[str, hashes.HashAlgorithm] = {
    "256": hashes.SHA256(),
    "384": hashes.SHA384(),
    "512": hashes.SHA512(),
}
ED25519 = "ED25519_SHA_512"
ML_DSA = "ML_DSA_SHAKE_256"
ALGORITHMS = (
    *(f"RSASSA_PSS_SHA_{bits}" for bits in _HASHES),
    *(f"RSASSA_PKCS1_V1_5_SHA_{bits}" for bits in _HASHES),
    *(f"ECDSA_SHA_{bits}" for bits in _HASHES),
    ED25519,
    ML_DSA,
)
_ML_DSA_KEYS: Mapping[type[mldsa.MLDSA44PublicKey | mldsa.MLDSA65PublicKey | mldsa.MLDSA87PublicKey], str] = {
    mldsa.MLDSA44PublicKey: "ML_DSA_44",
    mldsa.MLDSA65PublicKey: "ML_DSA_65",
    mldsa.MLDSA87PublicKey: "ML_DSA_87",
}


def default_algorithm(key_algorithm: str, *, for_cms: bool = False) -> str:
    """What a key of `key_algorithm` signs with where nobody says: as strong as the key, and what verifiers expect."""
    if key_algorithm.startswith("RSA"):
        return "RSASSA_PKCS1_V1_5_SHA_256" if for_cms else "RSASSA_PSS_SHA_256"
    if key_algorithm.startswith("ML_DSA"):
        return ML_DSA
    return {
        "ECC_NIST_P256": "ECDSA_SHA_256",
        "ECC_NIST_P384": "ECDSA_SHA_384",
        "ECC_NIST_P521": "ECDSA_SHA_512",
    }.get(key_algorithm, ED25519)


def algorithms_of(key_algorithm: str) -> list[str]:
    """All that a key of `key_algorithm` can sign with, the usual one first."""
    usual = default_algorithm(key_algorithm)
    kind = {"RSA": "RSASSA", "ECC": "ECDSA"}.get(key_algorithm[:3], usual)
    return [usual, *(each for each in ALGORITHMS if each.startswith(kind) and each != usual)]


def parse_algorithm(text: str) -> str:
    """`text` as the service writes it, whatever the case.

    Raises:
        UsageError: there is no such algorithm.
    """
    found = text.upper().replace("-", "_")
    if found not in ALGORITHMS:
        raise UsageError(f"{text} is no signing algorithm; there are {', '.join(ALGORITHMS)}.")
    return found


def hash_bits(algorithm: str) -> str:
    """`256`, `384` or `512`."""
    return algorithm[-3:]


def hash_of(bits: str) -> hashes.HashAlgorithm:
    """SHA-2 of so many bits."""
    return _HASHES[bits]


def digest_file(path: Path, bits: str) -> bytes:
    """The SHA-2 digest of a file, however long it is."""
    digest = hashlib.new(f"sha{bits}")
    for block in _blocks(path):
        digest.update(block)
    return digest.digest()


def mu_of_file(path: Path, signer: x509.Certificate) -> bytes:
    """What the ML-DSA key of `signer` signs of a file, however long it is: 64 bytes (FIPS 204, 6.2, no context)."""
    hasher = mldsa.MLDSAMuHasher(_ml_dsa_key(signer))
    for block in _blocks(path):
        hasher.update(block)
    return hasher.finalize()


def _blocks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK_BYTES):
                yield block
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}") from error


def _ml_dsa_key(
    certificate: x509.Certificate,
) -> mldsa.MLDSA44PublicKey | mldsa.MLDSA65PublicKey | mldsa.MLDSA87PublicKey:
    key = certificate.public_key()
    if not isinstance(key, mldsa.MLDSA44PublicKey | mldsa.MLDSA65PublicKey | mldsa.MLDSA87PublicKey):
        raise UsageError(f"{ML_DSA} does not fit the key of the certificate.")
    return key


def read_small_file(path: Path, most: int, what: str) -> bytes:
    """All of a file of at most `most` bytes.

    Raises:
        CommandError: it is longer, or cannot be read.
    """
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}") from error
    if len(content) > most:
        raise CommandError(f"{path} is longer than {what}.")
    return content


def read_certificate_file(path: Path) -> bytes:
    """A certificate file that is to be imported; raises as `read_small_file` does."""
    return read_small_file(path, MAX_CERTIFICATE_FILE_BYTES, "what is imported, 256 KiB")


def read_ed25519_message(path: Path) -> bytes:
    """A file that Ed25519 signs as it is; raises as `read_small_file` does."""
    return read_small_file(path, MAX_RAW_BYTES, "what Ed25519 signs here, 4 MiB")


@dataclass(frozen=True)
class SignOptions:
    """What is the same for all files of one run."""

    certificate: str
    algorithm: str
    reason: str | None
    pin: str | None
    dry_run: bool = False

    def body(self, message: bytes, message_type: str) -> dict[str, Any]:
        """What the service is asked."""
        given = {
            "message": base64.b64encode(message).decode(),
            "message_type": message_type,
            "signing_algorithm": self.algorithm,
            "reason": self.reason,
            "pin": self.pin,
            "application": {"process": "signet"},
            "dry_run": self.dry_run or None,
        }
        return {name: value for name, value in given.items() if value is not None}


def sign(client: Client, options: SignOptions, message: bytes, message_type: str, attempt: Attempt) -> bytes:
    """The signature of `message`, which is a digest or, with `RAW`, the data itself; empty for a dry run."""
    path, body = path_of("certificates", options.certificate, "sign"), options.body(message, message_type)
    try:
        answer = client.post(path, body, key=attempt.key)
    except ProblemError as error:
        if attempt.again and error.code == "idempotency_key_reused":
            attempt.start_over()
            answer = client.post(path, body, key=attempt.key)
        else:
            if error.is_about_this_request and not attempt.again:
                attempt.settle()
            raise
    return base64.b64decode(answer.get("signature") or "")


def message_of(options: SignOptions, path: Path, signer: x509.Certificate | None) -> tuple[bytes, str]:
    """What is sent of a file, and which it is: its digest, for Ed25519 all of it, for ML-DSA mu by `signer`'s key."""
    if options.algorithm == ED25519:
        return read_ed25519_message(path), "RAW"
    if options.algorithm == ML_DSA and signer is not None:
        return mu_of_file(path, signer), "EXTERNAL_MU"
    return digest_file(path, hash_bits(options.algorithm)), "DIGEST"


def verify_digest(certificate: x509.Certificate, algorithm: str, digest: bytes, signature: bytes) -> bool:
    """Whether `signature` is the one of `digest` by the key of `certificate`."""
    key, bits = certificate.public_key(), hash_bits(algorithm)
    prehashed = Prehashed(_HASHES[bits])
    try:
        if isinstance(key, rsa.RSAPublicKey) and algorithm.startswith("RSASSA_PSS"):
            scheme = padding.PSS(padding.MGF1(_HASHES[bits]), padding.PSS.DIGEST_LENGTH)
            key.verify(signature, digest, scheme, prehashed)
        elif isinstance(key, rsa.RSAPublicKey) and algorithm.startswith("RSASSA_PKCS1"):
            key.verify(signature, digest, padding.PKCS1v15(), prehashed)
        elif isinstance(key, ec.EllipticCurvePublicKey) and algorithm.startswith("ECDSA"):
            key.verify(signature, digest, ec.ECDSA(prehashed))
        else:
            raise UsageError(f"{algorithm} does not fit the key of the certificate.")
    except InvalidSignature:
        return False
    return True


def verify_file(certificate: x509.Certificate, algorithm: str, path: Path, signature: bytes) -> bool:
    """Whether `signature` is the one of the file by the key of `certificate`."""
    if algorithm not in {ED25519, ML_DSA}:
        return verify_digest(certificate, algorithm, digest_file(path, hash_bits(algorithm)), signature)
    try:
        if algorithm == ML_DSA:
            _ml_dsa_key(certificate).verify_mu(signature, mu_of_file(path, certificate))
        else:
            _ed25519_key(certificate).verify(signature, read_ed25519_message(path))
    except InvalidSignature:
        return False
    return True


def _ed25519_key(certificate: x509.Certificate) -> ed25519.Ed25519PublicKey:
    key = certificate.public_key()
    if not isinstance(key, ed25519.Ed25519PublicKey):
        raise UsageError(f"{ED25519} does not fit the key of the certificate.")
    return key


def key_algorithm_of(certificate: x509.Certificate) -> str:
    """The kind of its key, as the service calls it."""
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA_{key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"ECC_NIST_P{key.curve.key_size}"
    return next((name for kind, name in _ML_DSA_KEYS.items() if isinstance(key, kind)), "ED25519")
