"""Keys of ML-DSA (FIPS 204) by their names."""

from cryptography.hazmat.primitives.asymmetric.mldsa import (
    MLDSA44PrivateKey,
    MLDSA44PublicKey,
    MLDSA65PrivateKey,
    MLDSA65PublicKey,
    MLDSA87PrivateKey,
    MLDSA87PublicKey,
)

MlDsaPrivateKey = MLDSA44PrivateKey | MLDSA65PrivateKey | MLDSA87PrivateKey
MlDsaPublicKey = MLDSA44PublicKey | MLDSA65PublicKey | MLDSA87PublicKey

_KINDS: dict[str, tuple[type[MlDsaPrivateKey], type[MlDsaPublicKey]]] = {
    "ML_DSA_44": (MLDSA44PrivateKey, MLDSA44PublicKey),
    "ML_DSA_65": (MLDSA65PrivateKey, MLDSA65PublicKey),
    "ML_DSA_87": (MLDSA87PrivateKey, MLDSA87PublicKey),
}


def generate_ml_dsa(key_algorithm: str) -> MlDsaPrivateKey | None:
    """A new key, or None where `key_algorithm` is none of ML-DSA."""
    kinds = _KINDS.get(key_algorithm)
    return kinds[0].generate() if kinds else None


def ml_dsa_algorithm(key: MlDsaPrivateKey | MlDsaPublicKey) -> str:
    """`ML_DSA_44`, `ML_DSA_65` or `ML_DSA_87`."""
    # The library's keys are of types that stand behind the public ones, and not of those.
    return next(name for name, kinds in _KINDS.items() if isinstance(key, kinds))
