"""What another implementation says of signatures of ML-DSA: `dilithium-py`, FIPS 204 in plain Python."""

from typing import Any

from cryptography.hazmat.primitives.asymmetric import mldsa
from dilithium_py.ml_dsa import ML_DSA_44, ML_DSA_65, ML_DSA_87


def is_signature(public_key: Any, message: bytes, signature: bytes) -> bool:
    """Whether the key of ML-DSA made `signature` of `message`, with an empty context."""
    good: bool = _by_the_other(public_key).verify(public_key.public_bytes_raw(), message, signature)
    return good


def mu_of(public_key: Any, message: bytes) -> bytes:
    """What the key signs of `message` (FIPS 204, 6.2)."""
    mu: bytes = _by_the_other(public_key).prehash_external_mu(public_key.public_bytes_raw(), message)
    return mu


def expanded_of(public_key: Any, seed: bytes) -> bytes:
    """The private key that `seed` is expanded to."""
    expanded: bytes = _by_the_other(public_key).key_derive(seed)[1]
    return expanded


def _by_the_other(public_key: Any) -> Any:
    if isinstance(public_key, mldsa.MLDSA44PublicKey):
        return ML_DSA_44
    return ML_DSA_65 if isinstance(public_key, mldsa.MLDSA65PublicKey) else ML_DSA_87
