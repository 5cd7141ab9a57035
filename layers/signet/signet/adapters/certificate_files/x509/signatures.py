"""Check the signature on a certificate, as far as its algorithm is one of the usual."""

from typing import TYPE_CHECKING

from signet.adapters.certificate_files.asn1 import Asn1Error, Element
from signet.adapters.certificate_files.x509.certificate import X509Certificate
from signet.adapters.certificate_files.x509.public_keys import load_public_key

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

MAX_ISSUER_EXPONENT_BITS = 17
"""That of 65537, the largest in use; a longer one could make a check take many times `work.SIGNATURE_CHECK`."""

_RSA = {
    "1.2.840.113549.1.1.5": "SHA1",
    "1.2.840.113549.1.1.14": "SHA224",
    "1.2.840.113549.1.1.11": "SHA256",
    "1.2.840.113549.1.1.12": "SHA384",
    "1.2.840.113549.1.1.13": "SHA512",
}
_ECDSA = {
    "1.2.840.10045.4.1": "SHA1",
    "1.2.840.10045.4.3.1": "SHA224",
    "1.2.840.10045.4.3.2": "SHA256",
    "1.2.840.10045.4.3.3": "SHA384",
    "1.2.840.10045.4.3.4": "SHA512",
}
_ED25519 = "1.3.101.112"


def is_signed_by(certificate: X509Certificate, issuer_key: Element) -> bool | None:
    """Whether `issuer_key`, a SubjectPublicKeyInfo, made the signature on `certificate`.

    None where that cannot be told: an unusual algorithm, or a key that is broken, unusual or would take long.
    """
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    oid = certificate.signature_algorithm
    if oid not in _RSA and oid not in _ECDSA and oid != _ED25519:
        return None
    try:
        return _verify(load_public_key(issuer_key), oid, certificate)
    except InvalidSignature:
        return False
    except (Asn1Error, UnsupportedAlgorithm):
        return None


def _verify(
    key: "RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey", oid: str, certificate: X509Certificate
) -> bool | None:
    """True, or False where key and algorithm do not go together, or None for a key that would take long.

    Raises:
        InvalidSignature: the key did not make it.
    """
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    signature, signed = certificate.signature, certificate.to_be_signed
    match key:
        case RSAPublicKey() if oid in _RSA:
            if key.public_numbers().e.bit_length() > MAX_ISSUER_EXPONENT_BITS:
                return None
            key.verify(signature, signed, PKCS1v15(), getattr(hashes, _RSA[oid])())
        case EllipticCurvePublicKey() if oid in _ECDSA:
            key.verify(signature, signed, ECDSA(getattr(hashes, _ECDSA[oid])()))
        case Ed25519PublicKey() if oid == _ED25519:
            key.verify(signature, signed)
        case _:
            return False
    return True
