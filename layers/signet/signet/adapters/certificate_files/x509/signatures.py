"""Check the signature on a certificate, as far as its algorithm is one of the usual."""

from typing import TYPE_CHECKING

from signet.adapters.certificate_files.x509.certificate import X509Certificate
from signet.adapters.certificate_files.x509.public_keys import ML_DSA, load_public_key
from signet.domain.asn1 import object_identifiers as oids
from signet.domain.asn1.reader import Asn1Error, Element

if TYPE_CHECKING:
    from signet.adapters.certificate_files.x509.public_keys import SupportedPublicKey

MAX_ISSUER_EXPONENT_BITS = 17
"""That of 65537, the largest in use; a longer one could make a check take many times `work.SIGNATURE_CHECK`."""

_RSA = {
    oids.SHA1_WITH_RSA_ENCRYPTION: "SHA1",
    oids.SHA224_WITH_RSA_ENCRYPTION: "SHA224",
    oids.SHA256_WITH_RSA_ENCRYPTION: "SHA256",
    oids.SHA384_WITH_RSA_ENCRYPTION: "SHA384",
    oids.SHA512_WITH_RSA_ENCRYPTION: "SHA512",
}
_ECDSA = {
    oids.ECDSA_WITH_SHA1: "SHA1",
    oids.ECDSA_WITH_SHA224: "SHA224",
    oids.ECDSA_WITH_SHA256: "SHA256",
    oids.ECDSA_WITH_SHA384: "SHA384",
    oids.ECDSA_WITH_SHA512: "SHA512",
}


def is_signed_by(certificate: X509Certificate, issuer_key: Element) -> bool | None:
    """Whether `issuer_key`, a SubjectPublicKeyInfo, made the signature on `certificate`.

    None where that cannot be told: an unusual algorithm, or a key that is broken, unusual or would take long.
    """
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    oid = certificate.signature_algorithm
    if oid not in _RSA and oid not in _ECDSA and oid not in {oids.ED25519, *ML_DSA}:
        return None
    try:
        return _verify(load_public_key(issuer_key), oid, certificate)
    except InvalidSignature:
        return False
    except (Asn1Error, UnsupportedAlgorithm):
        return None


def _verify(key: "SupportedPublicKey", oid: str, certificate: X509Certificate) -> bool | None:
    """True, or False where key and algorithm do not go together, or None for a key that would take long.

    Raises:
        InvalidSignature: the key did not make it.
    """
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey, MLDSA65PublicKey, MLDSA87PublicKey
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
        case Ed25519PublicKey() if oid == oids.ED25519:
            key.verify(signature, signed)
        case MLDSA44PublicKey() if oid == oids.ML_DSA_44:
            key.verify(signature, signed)
        case MLDSA65PublicKey() if oid == oids.ML_DSA_65:
            key.verify(signature, signed)
        case MLDSA87PublicKey() if oid == oids.ML_DSA_87:
            key.verify(signature, signed)
        case _:
            return False
    return True
