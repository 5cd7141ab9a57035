"""New private keys."""

import hashlib
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from signet.adapters.cryptography.ml_dsa import MlDsaPrivateKey, generate_ml_dsa

_CURVES: dict[str, type[ec.EllipticCurve]] = {
    "ECC_NIST_P256": ec.SECP256R1,
    "ECC_NIST_P384": ec.SECP384R1,
    "ECC_NIST_P521": ec.SECP521R1,
}
_RSA_BITS = {"RSA_2048": 2048, "RSA_3072": 3072, "RSA_4096": 4096}


@dataclass(frozen=True, slots=True)
class NewPrivateKey:
    """A private key that has only just been made, on its way to be wrapped."""

    key_algorithm: str
    pkcs8: bytes = field(repr=False)
    """PKCS#8 DER, unencrypted; of ML-DSA the seed (RFC 9881, 6)."""
    spki_sha256: str
    """Upper-case hex of the SHA-256 of the SubjectPublicKeyInfo's DER."""


def generate_private_key(key_algorithm: str) -> NewPrivateKey:
    """A new key of one of `GENERATED_KEY_ALGORITHMS`; RSA-4096 takes about half a second of a core, now and then two.

    Not where SnapStart runs: OpenSSL's generator is seeded once a process, and every thaw of one snapshot would make
    the same keys.
    """
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | MlDsaPrivateKey
    if bits := _RSA_BITS.get(key_algorithm):
        key = rsa.generate_private_key(65537, bits)
    elif curve := _CURVES.get(key_algorithm):
        key = ec.generate_private_key(curve())
    elif key_algorithm == "ED25519":
        key = ed25519.Ed25519PrivateKey.generate()
    elif ml_dsa := generate_ml_dsa(key_algorithm):
        key = ml_dsa
    else:
        raise ValueError(f"No keys of {key_algorithm} are made here.")
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return NewPrivateKey(
        key_algorithm,
        key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
        hashlib.sha256(spki).hexdigest().upper(),
    )
