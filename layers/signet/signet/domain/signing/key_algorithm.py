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
    ML_DSA = "ML_DSA"


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
    "ML_DSA_44",
    "ML_DSA_65",
    "ML_DSA_87",
)
"""The ten that a signing request can ask for; an imported RSA key may have any length in between."""


def family_of(key_algorithm: str) -> KeyFamily:
    """The family of a `key_algorithm` such as `RSA_2048`, `RSA_2176`, `ECC_NIST_P256`, `ED25519` or `ML_DSA_65`."""
    if key_algorithm.startswith("RSA_"):
        return KeyFamily.RSA
    if key_algorithm.startswith("ECC_NIST_"):
        return KeyFamily.ECDSA
    if key_algorithm.startswith("ML_DSA_"):
        return KeyFamily.ML_DSA
    return KeyFamily(key_algorithm)


class MessageType(StrEnum):
    """Whether the caller hashed already (AWS KMS API Reference, Sign)."""

    RAW = "RAW"
    DIGEST = "DIGEST"
    EXTERNAL_MU = "EXTERNAL_MU"
    """The 64 bytes that ML-DSA makes of public key, context and message before it signs (FIPS 204, 6.2)."""


@dataclass(frozen=True, slots=True)
class SigningAlgorithm:
    """One way to sign, in the vocabulary of AWS KMS `Sign`."""

    name: str
    family: KeyFamily
    hash_name: str
    """As hashlib names it."""
    pss: bool = False
    hashed_by: MessageType | None = MessageType.DIGEST
    """In which form it takes a message that was hashed before; None if in no form."""

    @property
    def takes_the_message(self) -> bool:
        """Whether the key signs the message itself, and hashes it in a way of its own."""
        return self.hashed_by is not MessageType.DIGEST

    @property
    def digest_bytes(self) -> int:
        """How long a message that was hashed before is, in bytes."""
        return 64 if self.hash_name == "shake_256" else int(self.hash_name.removeprefix("sha")) // 8


SIGNING_ALGORITHMS = {
    algorithm.name: algorithm
    for algorithm in (
        *(SigningAlgorithm(f"RSASSA_PKCS1_V1_5_SHA_{n}", KeyFamily.RSA, f"sha{n}") for n in (256, 384, 512)),
        *(SigningAlgorithm(f"RSASSA_PSS_SHA_{n}", KeyFamily.RSA, f"sha{n}", pss=True) for n in (256, 384, 512)),
        *(SigningAlgorithm(f"ECDSA_SHA_{n}", KeyFamily.ECDSA, f"sha{n}") for n in (256, 384, 512)),
        # Ed25519 hashes inside (RFC 8032), so it takes the message itself: RAW only.
        SigningAlgorithm("ED25519_SHA_512", KeyFamily.ED25519, "sha512", hashed_by=None),
        # So does ML-DSA, but its first step needs no more than the public key, and may be done by the caller.
        SigningAlgorithm("ML_DSA_SHAKE_256", KeyFamily.ML_DSA, "shake_256", hashed_by=MessageType.EXTERNAL_MU),
    )
}


def algorithm_for(key_algorithm: str, names: Sequence[str]) -> str:
    """The first of the signing algorithms `names` that is for the family of `key_algorithm`; else the first of all."""
    family = family_of(key_algorithm)
    fitting = (name for name in names if name in SIGNING_ALGORITHMS and SIGNING_ALGORITHMS[name].family is family)
    return next(fitting, names[0])
