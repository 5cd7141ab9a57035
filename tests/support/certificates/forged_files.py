"""Certificate files that no ordinary program writes: with stated counts, doubled keys, parts out of place."""

import hashlib
import hmac
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from signet.domain.asn1 import tags
from signet.domain.asn1.writer import element, object_identifier

AnyKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

DATA = "1.2.840.113549.1.7.1"
SIGNED_DATA = "1.2.840.113549.1.7.2"
ENCRYPTED_DATA = "1.2.840.113549.1.7.6"
KEY_BAG, SHROUDED_KEY_BAG, CERTIFICATE_BAG, SAFE_CONTENTS_BAG = (f"1.2.840.113549.1.12.10.1.{n}" for n in (1, 2, 3, 6))
X509_CERTIFICATE = "1.2.840.113549.1.9.22.1"
FRIENDLY_NAME = "1.2.840.113549.1.9.20"
PBES2, PBKDF2, PBMAC1 = "1.2.840.113549.1.5.13", "1.2.840.113549.1.5.12", "1.2.840.113549.1.5.14"
SCRYPT = "1.3.6.1.4.1.11591.4.11"
HMAC_SHA256, SHA256, AES_256_CBC = "1.2.840.113549.2.9", "2.16.840.1.101.3.4.2.1", "2.16.840.1.101.3.4.1.42"


def sequence(*parts: bytes) -> bytes:
    return element(tags.SEQUENCE, *parts)


def integer(value: int) -> bytes:
    return element(tags.INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def octets(value: bytes) -> bytes:
    return element(tags.OCTET_STRING, value)


def explicit(number: int, *parts: bytes) -> bytes:
    return element(tags.context(number), *parts)


oid = object_identifier
NULL = element(tags.NULL)


# --- certificates ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: AnyKey

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def pkcs8(self) -> bytes:
        return self.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@cache
def rsa_key(bits: int = 2048, number: int = 0) -> rsa.RSAPrivateKey:
    """Keys that are made once a run; `number` tells them apart."""
    return rsa.generate_private_key(65537, bits)


def issue(
    subject: str,
    *,
    by: Issued | None = None,
    key: AnyKey | None = None,
    issuer_name: str | None = None,
    ca: bool = True,
    organization: str | None = None,
) -> Issued:
    """A certificate for CN=`subject`, by itself unless `by` is given."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    if organization is not None:
        name = x509.Name([*name, x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization)])
    issuer = by.certificate.subject if by else name
    if issuer_name is not None:
        issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer_name)])
    signer = by.key if by else key
    builder = (
        x509.CertificateBuilder(issuer, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime(2025, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca, None), critical=True)
    )
    return Issued(builder.sign(signer, None if isinstance(signer, ed25519.Ed25519PrivateKey) else hashes.SHA256()), key)


def pem_key(structure: bytes, label: str = "PRIVATE KEY") -> str:
    """`structure` in PEM."""
    import base64

    return f"-----BEGIN {label}-----\n{base64.encodebytes(structure).decode()}-----END {label}-----\n"


def rsa_structure(p: int, q: int, e: int = 65537, d: int | None = None) -> bytes:
    """An RSAPrivateKey (RFC 8017, A.1.2) of whatever numbers."""
    d = pow(e, -1, (p - 1) * (q - 1)) if d is None else d
    numbers = (0, p * q, e, d, p, q, d % (p - 1), d % (q - 1), pow(q, -1, p))
    return sequence(*map(integer, numbers))


def rsa_public_info(n: int, e: int) -> bytes:
    """A SubjectPublicKeyInfo of whatever numbers."""
    key = element(tags.BIT_STRING, b"\0" + sequence(integer(n), integer(e)))
    return sequence(sequence(oid("1.2.840.113549.1.1.1"), NULL), key)


def certificate_of(  # every part can be replaced
    *,
    public_info: bytes | None = None,
    serial: bytes = integer(17),
    version: bytes = explicit(0, integer(2)),
    subject: bytes | None = None,
    not_before: bytes = element(0x17, b"250101000000Z"),
    not_after: bytes = element(0x17, b"350101000000Z"),
    extensions: bytes = b"",
) -> bytes:
    """A certificate put together by hand; nobody signed it."""
    algorithm = sequence(oid("1.2.840.10045.4.3.2"))
    name = sequence(element(tags.SET, sequence(oid("2.5.4.3"), element(tags.UTF8_STRING, b"By hand"))))
    if public_info is None:
        public_info = _some_public_info()
    fields = (
        version, serial, algorithm, name, sequence(not_before, not_after), name if subject is None else subject,
        public_info, explicit(3, extensions) if extensions else b"",
    )  # fmt: skip
    return sequence(sequence(*fields), algorithm, element(tags.BIT_STRING, b"\0signature"))


def smallest_certificate(number: int, *, key: int = 1) -> bytes:
    """About 110 bytes: without names, so that all of them could have issued each other, with an Ed25519 key."""
    ed25519_algorithm = sequence(oid("1.3.101.112"))
    info = sequence(ed25519_algorithm, element(tags.BIT_STRING, b"\0" + key.to_bytes(32)))
    validity = sequence(element(0x17, b"250101000000Z"), element(0x17, b"350101000000Z"))
    signed = sequence(integer(number), ed25519_algorithm, sequence(), validity, sequence(), info)
    return sequence(signed, ed25519_algorithm, element(tags.BIT_STRING, b"\0"))


@cache
def _some_public_info() -> bytes:
    from cryptography.hazmat.primitives.serialization import PublicFormat

    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def extension(dotted: str, value: bytes, *, critical: bool = False) -> bytes:
    flag = element(tags.BOOLEAN, b"\xff") if critical else b""
    return sequence(oid(dotted), flag, octets(value))


# --- password-based encryption -----------------------------------------------------------------------------------


def pbkdf2_parameters(iterations: int, salt: bytes, length: int | None = None) -> bytes:
    stated = b"" if length is None else integer(length)
    return sequence(octets(salt), integer(iterations), stated, sequence(oid(HMAC_SHA256), NULL))


def encrypted(plain: bytes, password: str, *, iterations: int = 2048, stated: int | None = None) -> tuple[bytes, bytes]:
    """AlgorithmIdentifier and cipher text of PBES2; `stated` iterations, if they are not those used."""
    salt, iv = os.urandom(16), os.urandom(16)
    key = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations, 32)
    padding = 16 - len(plain) % 16
    cipher = Cipher(AES(key), modes.CBC(iv)).encryptor()
    kdf = sequence(oid(PBKDF2), pbkdf2_parameters(iterations if stated is None else stated, salt))
    algorithm = sequence(oid(PBES2), sequence(kdf, sequence(oid(AES_256_CBC), octets(iv))))
    return algorithm, cipher.update(plain + bytes([padding]) * padding) + cipher.finalize()


def scrypt_algorithm(n: int, r: int, p: int) -> bytes:
    """PBES2 with scrypt as its derivation (RFC 7914, 7)."""
    kdf = sequence(oid(SCRYPT), sequence(octets(b"salt" * 4), integer(n), integer(r), integer(p)))
    return sequence(oid(PBES2), sequence(kdf, sequence(oid(AES_256_CBC), octets(bytes(16)))))


def pbe_algorithm(dotted: str, iterations: int) -> bytes:
    """An AlgorithmIdentifier of PBES1 or of PKCS#12's own encryption."""
    return sequence(oid(dotted), sequence(octets(b"saltsalt"), integer(iterations)))


def encrypted_key(pkcs8: bytes, password: str, **counts: int) -> bytes:
    """An EncryptedPrivateKeyInfo."""
    algorithm, ciphertext = encrypted(pkcs8, password, **counts)
    return sequence(algorithm, octets(ciphertext))


# --- PKCS#12 -----------------------------------------------------------------------------------------------------


def bag(kind: str, value: bytes, friendly_name: bytes | None = None) -> bytes:
    """A SafeBag; `friendly_name` is the encoded string."""
    attributes = b""
    if friendly_name is not None:
        attributes = element(tags.SET, sequence(oid(FRIENDLY_NAME), element(tags.SET, friendly_name)))
    return sequence(oid(kind), explicit(0, value), attributes)


def certificate_bag(certificate: bytes, friendly_name: bytes | None = None) -> bytes:
    return bag(CERTIFICATE_BAG, sequence(oid(X509_CERTIFICATE), explicit(0, octets(certificate))), friendly_name)


def open_part(*bags: bytes) -> bytes:
    """A ContentInfo with its bags in the clear."""
    return sequence(oid(DATA), explicit(0, octets(sequence(*bags))))


def encrypted_part(algorithm: bytes, ciphertext: bytes) -> bytes:
    """A ContentInfo with its bags encrypted."""
    info = sequence(oid(DATA), algorithm, element(0x80, ciphertext))
    return sequence(oid(ENCRYPTED_DATA), explicit(0, sequence(integer(0), info)))


def pkcs12(*parts: bytes, mac: bytes = b"") -> bytes:
    """A PFX; without a MAC unless one is given."""
    return sequence(integer(3), sequence(oid(DATA), explicit(0, octets(sequence(*parts)))), mac)


def classic_mac(iterations: int, digest: bytes = bytes(32)) -> bytes:
    """MacData as RFC 7292 has it, with a wrong digest."""
    return sequence(sequence(sequence(oid(SHA256), NULL), octets(digest)), octets(b"saltsalt"), integer(iterations))


def pbmac1(parts: tuple[bytes, ...], password: str, *, iterations: int = 2048, stated: int | None = None) -> bytes:
    """MacData as RFC 9579 has it, over `parts`."""
    salt = os.urandom(8)
    key = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations, 32)
    digest = hmac.digest(key, sequence(*parts), "sha256")
    kdf = sequence(oid(PBKDF2), pbkdf2_parameters(iterations if stated is None else stated, salt, 32))
    algorithm = sequence(oid(PBMAC1), sequence(kdf, sequence(oid(HMAC_SHA256), NULL)))
    return sequence(sequence(algorithm, octets(digest)), octets(b"NOT USED"), integer(1))


def pkcs7(*certificates: bytes, content: bytes = b"") -> bytes:
    """SignedData that signs nothing."""
    empty_set = element(tags.SET)
    info = sequence(oid(DATA), content)
    return sequence(
        oid(SIGNED_DATA), explicit(0, sequence(integer(1), empty_set, info, explicit(0, *certificates), empty_set))
    )
