"""The kinds of key, and which signatures each can make (contract, sections 3 and 5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

MIN_RSA_BITS = 2048
MAX_RSA_BITS = 4096  # The PKCS#8 of a longer key is near KMS Encrypt's limit of 4096 bytes.


class KeyFamily(StrEnum):
    """What a signing algorithm asks of a key."""

    RSA = "RSA"
    ECDSA = "ECDSA"
    ED25519 = "ED25519"


CURVE_NAMES = {"secp256r1": "ECC_NIST_P256", "secp384r1": "ECC_NIST_P384", "secp521r1": "ECC_NIST_P521"}
"""SECG name of a supported curve to its AWS KMS KeySpec."""

GENERATED_KEY_ALGORITHMS = (
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "ECC_NIST_P256",
    "ECC_NIST_P384",
    "ECC_NIST_P521",
    "ED25519",
)
"""The seven that a signing request can ask for; an imported RSA key may have any length in between."""


def family_of(key_algorithm: str) -> KeyFamily:
    """The family of a `key_algorithm` such as `RSA_2048`, `RSA_2176`, `ECC_NIST_P256` or `ED25519`."""
    if key_algorithm.startswith("RSA_"):
        return KeyFamily.RSA
    if key_algorithm.startswith("ECC_NIST_"):
        return KeyFamily.ECDSA
    return KeyFamily(key_algorithm)


class MessageType(StrEnum):
    """Whether the caller hashed already (AWS KMS API Reference, Sign)."""

    RAW = "RAW"
    DIGEST = "DIGEST"


@dataclass(frozen=True, slots=True)
class SigningAlgorithm:
    """One way to sign, in the vocabulary of AWS KMS `Sign`."""

    name: str
    family: KeyFamily
    hash_name: str
    """As hashlib names it."""
    pss: bool = False

    @property
    def digest_bytes(self) -> int:
        """How long a digest for this algorithm is, in bytes."""
        return int(self.hash_name.removeprefix("sha")) // 8


SIGNING_ALGORITHMS = {
    algorithm.name: algorithm
    for algorithm in (
        *(SigningAlgorithm(f"RSASSA_PKCS1_V1_5_SHA_{n}", KeyFamily.RSA, f"sha{n}") for n in (256, 384, 512)),
        *(SigningAlgorithm(f"RSASSA_PSS_SHA_{n}", KeyFamily.RSA, f"sha{n}", pss=True) for n in (256, 384, 512)),
        *(SigningAlgorithm(f"ECDSA_SHA_{n}", KeyFamily.ECDSA, f"sha{n}") for n in (256, 384, 512)),
        # Ed25519 hashes inside (RFC 8032), so it takes the message itself: RAW only.
        SigningAlgorithm("ED25519_SHA_512", KeyFamily.ED25519, "sha512"),
    )
}


def algorithm_for(key_algorithm: str, names: Sequence[str]) -> str:
    """The first of the signing algorithms `names` that is for the family of `key_algorithm`; else the first of all."""
    family = family_of(key_algorithm)
    fitting = (name for name in names if name in SIGNING_ALGORITHMS and SIGNING_ALGORITHMS[name].family is family)
    return next(fitting, names[0])
