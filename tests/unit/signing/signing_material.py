"""Keys of every kind, and what is signed with them."""

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from signet.domain.signing.key_algorithm import MessageType
from tests.support.certificates.issued import a_key

MESSAGE = b"release 1.4 of the thing"
RAW, DIGEST, EXTERNAL_MU = MessageType


def pkcs8(key: object) -> bytes:
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())  # type: ignore[attr-defined,no-any-return]


def new_key(key_algorithm: str) -> bytes:
    if key_algorithm.startswith("ML_DSA_"):
        return pkcs8(a_key(key_algorithm))
    match key_algorithm:
        case "ED25519":
            return pkcs8(ed25519.Ed25519PrivateKey.generate())
        case "ECC_NIST_P256":
            return pkcs8(ec.generate_private_key(ec.SECP256R1()))
        case "ECC_NIST_P384":
            return pkcs8(ec.generate_private_key(ec.SECP384R1()))
        case "ECC_NIST_P521":
            return pkcs8(ec.generate_private_key(ec.SECP521R1()))
    return pkcs8(rsa.generate_private_key(65537, int(key_algorithm.removeprefix("RSA_"))))
