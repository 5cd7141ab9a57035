"""Public keys: which kind one is, whether it can be broken, and whether two are the same."""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from signet.adapters.certificate_files.keys import curve_weakness, ml_dsa_keys, rsa_weakness
from signet.domain.asn1 import object_identifiers as oids
from signet.domain.asn1 import reader, tags
from signet.domain.asn1.reader import Asn1Error, Element
from signet.domain.errors import UnsupportedKeyError, WeakKeyError
from signet.domain.signing.key_algorithm import MAX_RSA_BITS, MIN_RSA_BITS

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey, MLDSA65PublicKey, MLDSA87PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    SupportedPublicKey = (
        RSAPublicKey
        | EllipticCurvePublicKey
        | Ed25519PublicKey
        | MLDSA44PublicKey
        | MLDSA65PublicKey
        | MLDSA87PublicKey
    )

CURVES = {oids.SECP256R1: "ECC_NIST_P256", oids.SECP384R1: "ECC_NIST_P384", oids.SECP521R1: "ECC_NIST_P521"}
ML_DSA = {oids.ML_DSA_44: "ML_DSA_44", oids.ML_DSA_65: "ML_DSA_65", oids.ML_DSA_87: "ML_DSA_87"}

MAX_EXPONENT_BITS = 64
"""OpenSSL verifies with no longer exponent once the modulus exceeds 3072 bits (OPENSSL_RSA_MAX_PUBEXP_BITS)."""

_MAX_INFO_BYTES = 1100
"""Enough for a modulus of 8192 bits, as some roots have, and not much more: verifying with one is quick."""
_MAX_ML_DSA_INFO_BYTES = 2700
"""Enough for the 2592 bytes of ML-DSA-87."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key of a kind that Signet signs with; `check_strength` tells whether it can be broken."""

    algorithm: str
    """As the contract writes it: `RSA_2048`, `ECC_NIST_P256`, `ED25519`, `ML_DSA_65`."""
    info: bytes
    """The SubjectPublicKeyInfo in the one encoding that the same key always gets."""

    @property
    def thumbprint_sha256(self) -> str:
        """Upper-case hex of the SHA-256 of `info`."""
        return hashlib.sha256(self.info).hexdigest().upper()


def read_public_key(info: Element) -> PublicKey:
    """The key in the SubjectPublicKeyInfo `info`.

    Raises:
        UnsupportedKeyError: of another kind.
        WeakKeyError: an RSA key that is too short, or has an invalid exponent.
        Asn1Error: broken, or no point of its curve.
    """
    fields = info.fields()
    oid, parameters = reader.algorithm(fields.take())
    key = fields.take().bit_string()
    if oid == oids.RSA_ENCRYPTION:
        return PublicKey(check_rsa_numbers(*_rsa_numbers(key)), _canonical(info))
    algorithm = supported_algorithm(oid, parameters)
    if oid in ML_DSA and (parameters is not None or len(key) != ml_dsa_keys.public_key_bytes(algorithm)):
        raise Asn1Error("The ML-DSA key is not as long as its kind, or has parameters.")
    return PublicKey(algorithm, _canonical(info))


def check_strength(info: Element, *, private_key_is_here: bool) -> None:
    """Refuse the key in `info`, which `read_public_key` has read, if it shows how it can be broken.

    `private_key_is_here`: a private key was read that belongs to it, so that its modulus is known to be a product.

    Raises:
        WeakKeyError: it does.
    """
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    match load_public_key(info):
        case EllipticCurvePublicKey() as key:
            numbers = key.public_numbers()
            curve_weakness.check_point(read_public_key(info).algorithm, numbers.x, numbers.y)
        case Ed25519PublicKey() as key:
            curve_weakness.check_ed25519(key.public_bytes_raw())
        case RSAPublicKey() as key:
            rsa_weakness.check_modulus(key.public_numbers().n, may_be_prime=not private_key_is_here)
        case key:
            ml_dsa_keys.check_public_key(read_public_key(info).algorithm, key.public_bytes_raw())


def _rsa_numbers(key: bytes) -> tuple[int, int]:
    """Modulus and public exponent of an RSAPublicKey (RFC 8017, A.1.1)."""
    fields = reader.parse(key).fields()
    return fields.take().integer(), fields.take().integer()


def supported_algorithm(oid: str, parameters: Element | None) -> str:
    """The name of an algorithm of elliptic curves or lattices.

    Raises:
        UnsupportedKeyError: `oid` is of another kind of key, or the curve is another or spelled out.
    """
    if oid == oids.ED25519:
        return "ED25519"
    if oid in ML_DSA:
        return ML_DSA[oid]
    if oid == oids.RSASSA_PSS:
        raise UnsupportedKeyError("The key is restricted to RSASSA-PSS; RSA keys are supported as rsaEncryption.")
    if oid != oids.EC_PUBLIC_KEY:
        raise UnsupportedKeyError(f"Keys of the kind {oid} are not supported; RSA, ECDSA, Ed25519 and ML-DSA keys are.")
    if parameters is None or parameters.tag != tags.OBJECT_IDENTIFIER or parameters.oid() not in CURVES:
        raise UnsupportedKeyError("Of elliptic curves, P-256, P-384 and P-521 are supported, by their names.")
    return CURVES[parameters.oid()]


def check_rsa_numbers(modulus: int, exponent: int) -> str:
    """The algorithm's name, `RSA_<bits>`, if the two numbers are of lengths that are supported.

    Raises:
        WeakKeyError: too short, or an invalid exponent.
        UnsupportedKeyError: longer than is supported.
        Asn1Error: not positive.
    """
    if modulus <= 0:
        raise Asn1Error("The RSA modulus is not positive.")
    bits = modulus.bit_length()
    if bits < MIN_RSA_BITS:
        raise WeakKeyError(f"The RSA key has {bits} bits; {MIN_RSA_BITS} are the least.")
    if bits > MAX_RSA_BITS:
        raise UnsupportedKeyError(f"The RSA key has {bits} bits; {MAX_RSA_BITS} are the most.")
    if exponent <= 1 or exponent % 2 == 0 or exponent.bit_length() > MAX_EXPONENT_BITS:
        raise WeakKeyError(
            f"The public exponent is invalid: expected an odd number from 3 to {MAX_EXPONENT_BITS} bits."
        )
    return f"RSA_{bits}"


def is_key(info: Element, canonical: bytes) -> bool:
    """Whether `info` is the supported key whose `PublicKey.info` is `canonical`; quick, without checking it."""
    if info.encoded == canonical:
        return True
    try:
        return _canonical(info) == canonical
    except Asn1Error:
        return False


def load_public_key(info: Element) -> "SupportedPublicKey":
    """`info` for the library, which is shown only what it loads quickly and without a warning.

    Raises:
        Asn1Error: broken, no point of its curve, very long, or of another kind than RSA, the supported curves, Ed25519
            and ML-DSA.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey, MLDSA65PublicKey, MLDSA87PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    oid, parameters = reader.algorithm(info.fields().take())
    named = parameters is not None and parameters.tag == tags.OBJECT_IDENTIFIER and parameters.oid() in CURVES
    if len(info.encoded) > (_MAX_ML_DSA_INFO_BYTES if oid in ML_DSA else _MAX_INFO_BYTES) or not (
        oid in {oids.RSA_ENCRYPTION, oids.ED25519, *ML_DSA} or (oid == oids.EC_PUBLIC_KEY and named)
    ):
        raise Asn1Error("The public key is of a kind that is not loaded.")
    try:
        key = load_der_public_key(info.encoded)
    except (ValueError, UnsupportedAlgorithm):
        raise Asn1Error("The public key is broken.") from None
    elliptic = EllipticCurvePublicKey | Ed25519PublicKey
    if not isinstance(key, RSAPublicKey | elliptic | MLDSA44PublicKey | MLDSA65PublicKey | MLDSA87PublicKey):
        raise Asn1Error("The public key is of a kind that is not loaded.")
    return key


def _canonical(info: Element) -> bytes:
    """`info` as the library writes it, whatever optional spellings the issuer chose."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return load_public_key(info).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
