"""Private keys: PKCS#8, PKCS#1 or SEC 1, checked in full, once, when they come in.

When the service loads a key that it has wrapped itself, it does not check it again: checking an RSA key is slow.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from signet.adapters.certificate_files.keys import ml_dsa_keys, rsa_weakness
from signet.adapters.certificate_files.x509 import public_keys as kinds
from signet.domain.asn1 import object_identifiers as oids
from signet.domain.asn1 import reader, tags
from signet.domain.asn1.reader import Asn1Error, Element
from signet.domain.errors import UnreadableFileError, UnsupportedKeyError, WeakKeyError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA65PrivateKey, MLDSA87PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

_MAX_SCALAR_BYTES = 80
"""More than any supported curve has."""
_MIN_SCALAR_BITS = 128
"""A random number of any supported curve is shorter once in 2^128 keys; a shorter one can be searched for."""


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A sound private key."""

    pkcs8: bytes = field(repr=False)
    """DER, not encrypted."""
    public_info: bytes
    """The SubjectPublicKeyInfo, derived from the private part, in the encoding of `PublicKey.info`."""


def read_private_key(key: Element) -> PrivateKey:
    """Check `key`, a PrivateKeyInfo, RSAPrivateKey or ECPrivateKey.

    Raises:
        UnsupportedKeyError: of a kind that Signet does not sign with.
        WeakKeyError: it can be broken.
        UnreadableFileError: its parts do not belong together.
        Asn1Error: it is none of the three.
    """
    shape = tuple(field.tag for field in key.expect(tags.SEQUENCE).children()[:3])
    match shape:
        case (tags.INTEGER, tags.SEQUENCE, tags.OCTET_STRING):
            return _read_pkcs8(key)
        case (tags.INTEGER, tags.OCTET_STRING, *_):
            return _read_ec(key, curve=None)
        case (tags.INTEGER, tags.INTEGER, tags.INTEGER):
            return _read_numbers(key)
    raise Asn1Error("There is no private key in this.")


def is_encrypted(key: Element) -> bool:
    """Whether `key` is an EncryptedPrivateKeyInfo (RFC 5958, 3)."""
    return [field.tag for field in key.expect(tags.SEQUENCE).children()] == [tags.SEQUENCE, tags.OCTET_STRING]


def _read_pkcs8(key: Element) -> PrivateKey:
    """RFC 5958, 2."""
    fields = key.fields()
    version = fields.take().integer()
    if version not in {0, 1}:
        raise Asn1Error("There is no such version of PKCS#8.")
    oid, parameters = reader.algorithm(fields.take())
    inner = fields.take().octets()
    if oid == oids.RSA_ENCRYPTION:
        return _read_rsa(reader.parse(inner))
    algorithm = kinds.supported_algorithm(oid, parameters)
    if algorithm == "ED25519":
        return _read_ed25519(reader.parse(inner).octets())
    if algorithm.startswith("ML_DSA_"):
        return _read_ml_dsa(reader.parse(inner), algorithm)
    return _read_ec(reader.parse(inner), curve=parameters)


def _read_numbers(key: Element) -> PrivateKey:
    """PKCS#1 has nine numbers behind each other; an old DSA key has six."""
    if len(key.children()) == len(("version", "p", "q", "g", "y", "x")):
        raise UnsupportedKeyError("DSA keys are not supported; RSA, ECDSA, Ed25519 and ML-DSA keys are.")
    return _read_rsa(key)


def _read_rsa(key: Element) -> PrivateKey:
    """RFC 8017, A.1.2, with every number checked against the others, and both primes for being prime."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateNumbers, RSAPublicNumbers

    fields = key.fields()
    if version := fields.take().integer():
        if version == 1:
            raise UnsupportedKeyError("RSA keys of more than two primes are not supported.")
        raise Asn1Error("There is no such version of PKCS#1.")
    n, e, d, p, q, dmp1, dmq1, iqmp = (fields.take().integer() for _ in range(8))
    fields.end()
    kinds.check_rsa_numbers(n, e)
    rsa_weakness.check_modulus(n, may_be_prime=False)
    _check_rsa_consistency(n, e, d, p, q)
    if (dmp1, dmq1, iqmp * q % p) != (d % (p - 1), d % (q - 1), 1) or not 0 < iqmp < p:
        raise UnreadableFileError("The numbers of the RSA key do not belong together.")
    _check_rsa_secrecy(n, d, p, q)
    try:
        # The numbers fit each other, so what the library still finds is a prime that is none.
        return _private_key(RSAPrivateNumbers(p, q, d, dmp1, dmq1, iqmp, RSAPublicNumbers(e, n)).private_key())
    except ValueError:
        raise WeakKeyError("The RSA key is not made of two primes.") from None


def _check_rsa_consistency(n: int, e: int, d: int, p: int, q: int) -> None:
    if not (1 < p < n and 1 < q < n and p * q == n and 0 < d < n):
        raise UnreadableFileError("The numbers of the RSA key do not belong together.")
    if d * e % (p - 1) != 1 or d * e % (q - 1) != 1:
        raise UnreadableFileError("The numbers of the RSA key do not belong together.")


def _check_rsa_secrecy(n: int, d: int, p: int, q: int) -> None:
    """FIPS 186-5, A.1.1 and A.1.3; primes of very unequal length would also take long to check."""
    half = n.bit_length() // 2
    if min(p, q).bit_length() < half - 8:
        raise WeakKeyError("One prime of the RSA key is too short.")
    if abs(p - q).bit_length() <= half - 100:
        raise WeakKeyError("The primes of the RSA key are too close to each other.")
    if d.bit_length() <= half:
        raise WeakKeyError("The private exponent is so short that it can be computed.")
    rsa_weakness.check_primes(p, q)


def _read_ec(key: Element, *, curve: Element | None) -> PrivateKey:
    """RFC 5915; the public point is computed, never believed."""
    from cryptography.hazmat.primitives.asymmetric import ec

    fields = key.fields()
    if fields.take().integer() != 1:
        raise Asn1Error("There is no such version of an EC private key.")
    scalar = fields.take().octets()
    stated_curve = fields.take_if(tags.context(0))
    if stated_curve is not None:
        stated_curve = stated_curve.only()
    name = kinds.supported_algorithm(oids.EC_PUBLIC_KEY, curve or stated_curve)
    if curve is not None and stated_curve is not None and curve.encoded != stated_curve.encoded:
        raise UnreadableFileError("The private key names two curves.")
    curves: dict[str, type[ec.EllipticCurve]] = {
        "ECC_NIST_P256": ec.SECP256R1, "ECC_NIST_P384": ec.SECP384R1, "ECC_NIST_P521": ec.SECP521R1,
    }  # fmt: skip
    if len(scalar) > _MAX_SCALAR_BYTES:
        raise Asn1Error("The private key is longer than its curve.")
    if int.from_bytes(scalar).bit_length() < _MIN_SCALAR_BITS:
        raise WeakKeyError("The private key is so small a number that it can be guessed.")
    _check_randomness(scalar)
    try:
        return _private_key(ec.derive_private_key(int.from_bytes(scalar), curves[name]()))
    except ValueError:
        raise UnreadableFileError("The private key is no number of its curve.") from None


def _read_ed25519(seed: bytes) -> PrivateKey:
    """RFC 8410, 7."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    _check_randomness(seed)
    try:
        return _private_key(Ed25519PrivateKey.from_private_bytes(seed))
    except ValueError:
        raise UnreadableFileError("The Ed25519 key is not 32 bytes long.") from None


def _read_ml_dsa(key: Element, algorithm: str) -> PrivateKey:
    """RFC 9881, 6: the seed, or the seed and what it expands to. Of the latter alone the seed cannot be had again."""
    from cryptography.hazmat.primitives.asymmetric import mldsa

    classes: dict[str, type[MLDSA44PrivateKey | MLDSA65PrivateKey | MLDSA87PrivateKey]] = {
        "ML_DSA_44": mldsa.MLDSA44PrivateKey, "ML_DSA_65": mldsa.MLDSA65PrivateKey,
        "ML_DSA_87": mldsa.MLDSA87PrivateKey,
    }  # fmt: skip
    expanded = None
    if key.tag == tags.OCTET_STRING:
        raise UnsupportedKeyError(
            "The ML-DSA key is without its seed, in its expanded form alone, which is not supported."
        )
    if key.tag == tags.SEQUENCE:
        fields = key.fields()
        seed, expanded = fields.take().octets(), fields.take().octets()
        fields.end()
    else:
        seed = key.expect(tags.context(0, constructed=False)).content
    if len(seed) != ml_dsa_keys.SEED_BYTES:
        raise UnreadableFileError(f"The seed of the ML-DSA key is not {ml_dsa_keys.SEED_BYTES} bytes long.")
    _check_randomness(seed)
    loaded = classes[algorithm].from_seed_bytes(seed)
    public_key = loaded.public_key().public_bytes_raw()
    if expanded is not None and expanded != ml_dsa_keys.expanded_private_key(algorithm, seed, public_key):
        raise UnreadableFileError("The two forms of the ML-DSA key are not of the same key.")
    return _private_key(loaded)


def _check_randomness(secret: bytes) -> None:
    if rsa_weakness.repeats_itself(int.from_bytes(secret)):
        raise WeakKeyError("The private key follows a pattern, so that it can be guessed.")


def _private_key(
    key: "RSAPrivateKey | EllipticCurvePrivateKey | Ed25519PrivateKey | MLDSA44PrivateKey | MLDSA65PrivateKey"
    " | MLDSA87PrivateKey",
) -> PrivateKey:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    return PrivateKey(
        key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
        key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
    )
