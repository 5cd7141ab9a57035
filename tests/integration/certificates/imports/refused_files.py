"""Files, keys and passwords that no import takes, each with the code of its refusal."""

import gzip
import hashlib
import os
from collections.abc import Callable
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, x25519

from signet.domain.asn1 import tags
from signet.domain.asn1.writer import element
from tests.support.certificates import forged_files as forged
from tests.support.certificates.issued import PASSWORD, Issued, a_key, in_base64, issue

MAX_FILE = 256 * 1024


@cache
def leaf() -> Issued:
    """A certificate that is refused in many ways and never comes in."""
    return issue("Refused")


@cache
def other() -> Issued:
    """Another one."""
    return issue("Refused as well")


@cache
def rsa_leaf() -> Issued:
    """One with an RSA key."""
    return issue("Refused RSA", algorithm="RSA_2048")


def file(content: bytes, **fields: Any) -> dict[str, Any]:
    return {"content": in_base64(content), **fields}


@cache
def dsa_key() -> dsa.DSAPrivateKey:
    return dsa.generate_private_key(2048)


def with_public_key(key: Any) -> bytes:
    """A certificate for a key of whatever kind."""
    return issue("Unusual", key=a_key(), public_key=key.public_key()).der


def nested(depth: int) -> bytes:
    """SEQUENCEs within one another."""
    content = b""
    for _ in range(depth):
        content = element(tags.SEQUENCE, content)
        if len(content) > MAX_FILE - 10:
            break
    return content


def java_keystore(magic: bytes) -> bytes:
    """An empty one, as keytool writes it."""
    body = magic + bytes.fromhex("00000002 00000000")
    return body + hashlib.sha1("changeit".encode("utf-16-be") + b"Mighty Aphrodite" + body).digest()


def altered(content: bytes, at: int) -> bytes:
    changed = bytearray(content)
    changed[at] ^= 0xFF
    return bytes(changed)


def two_keys_in_pkcs12() -> bytes:
    bags = [forged.bag(forged.KEY_BAG, forged.Issued(one.certificate, one.key).pkcs8) for one in (leaf(), other())]
    return forged.pkcs12(forged.open_part(*bags, forged.certificate_bag(leaf().der)))


def costly_pkcs12(iterations: int) -> bytes:
    """A file that states an iteration count which would keep the service busy for minutes."""
    bags = (forged.certificate_bag(leaf().der),)
    return forged.pkcs12(forged.open_part(*bags), mac=forged.classic_mac(iterations))


def costly_key(algorithm: bytes) -> bytes:
    """A key whose encryption asks for too much."""
    key = forged.sequence(algorithm, forged.octets(bytes(64)))
    return leaf().pem + forged.pem_key(key, "ENCRYPTED PRIVATE KEY").encode()


def rsa_with_exponent(exponent: int) -> bytes:
    number = rsa_leaf().key.public_key().public_numbers().n
    return forged.certificate_of(public_info=forged.rsa_public_info(number, exponent))


def rsa_of(modulus: int) -> bytes:
    return forged.certificate_of(public_info=forged.rsa_public_info(modulus, 65537))


A_PRIME = (1 << 2203) - 1
"""A Mersenne prime, which follows a pattern as well."""


def rfc6979_key() -> ec.EllipticCurvePrivateKey:
    """Appendix A.2.5: everybody has its private key."""
    number = 0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721
    return ec.derive_private_key(number, ec.SECP256R1())


Make = Callable[[], dict[str, Any]]

REFUSED: dict[str, tuple[str, Make]] = {
    # not a certificate file at all, or a broken one
    "empty": ("unreadable_file", lambda: file(b"")),
    "text": ("unreadable_file", lambda: file(b"Dear Sir or Madam,\n")),
    "random bytes": ("unreadable_file", lambda: file(os.urandom(3000))),
    "zeros": ("unreadable_file", lambda: file(bytes(MAX_FILE))),
    "ones": ("unreadable_file", lambda: file(b"\xff" * MAX_FILE)),
    "a gzip file": ("unreadable_file", lambda: file(gzip.compress(leaf().der))),
    "DER cut in the middle": ("unreadable_file", lambda: file(leaf().der[:-100])),
    "DER with something behind it": ("unreadable_file", lambda: file(leaf().der + b"\0\x01")),
    "PKCS#12 cut in the middle": ("unreadable_file", lambda: file(leaf().pkcs12()[:-200], password=PASSWORD)),
    "PKCS#12 cut after its head": ("unreadable_file", lambda: file(leaf().pkcs12()[:40], password=PASSWORD)),
    "PKCS#12 with a broken head": ("unreadable_file", lambda: file(altered(leaf().pkcs12(), 8), password=PASSWORD)),
    "PEM without its end": ("unreadable_file", lambda: file(leaf().pem.replace(b"-----END", b"-----"))),
    "a second key that is indented": (
        "several_keys",
        lambda: file(leaf().pem + leaf().key_pem() + b"  " + other().key_pem()),
    ),
    "a second key behind a byte order mark": (
        "several_keys",
        lambda: file(leaf().pem + leaf().key_pem() + b"\xef\xbb\xbf" + other().key_pem()),
    ),
    "PEM in UTF-16": ("unreadable_file", lambda: file(leaf().pem.decode().encode("utf-16"))),
    "base64 without armour": ("unreadable_file", lambda: file(b"".join(leaf().pem.splitlines()[1:-1]))),
    "PEM that holds no base64": (
        "unreadable_file",
        lambda: file(b"-----BEGIN CERTIFICATE-----\n????\n-----END CERTIFICATE-----\n"),
    ),
    "PEM that holds nothing": (
        "unreadable_file",
        lambda: file(b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"),
    ),
    "nested a hundred thousand times": ("unreadable_file", lambda: file(nested(100_000))),
    "nested without end": ("unreadable_file", lambda: file(b"\x30\x80" * (MAX_FILE // 2))),
    "a length beyond the file": ("unreadable_file", lambda: file(b"\x30\x84\xff\xff\xff\xff" + bytes(100))),
    "a length of a hundred bytes": ("unreadable_file", lambda: file(b"\x30\xe4" + b"\xff" * 100)),
    "a key that is none beside a file": (
        "unreadable_file",
        lambda: file(leaf().der, private_key="-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
    ),
    "text for a key beside a file": ("unreadable_file", lambda: file(leaf().der, private_key="my key")),
    "an empty key beside a file": ("unreadable_file", lambda: file(leaf().der, private_key="")),
    # asks for too much work
    "PKCS#12 of two thousand million rounds": (
        "unreadable_file",
        lambda: file(costly_pkcs12(2**31 - 1), password=PASSWORD),
    ),
    "PKCS#12 of more rounds than numbers have": (
        "unreadable_file",
        lambda: file(costly_pkcs12(2**200), password=PASSWORD),
    ),
    "PKCS#12 of no rounds": ("unreadable_file", lambda: file(costly_pkcs12(0), password=PASSWORD)),
    "a key of a thousand million rounds": (
        "unreadable_file",
        lambda: file(costly_key(forged.pbe_algorithm("1.2.840.113549.1.5.3", 10**9)), password=PASSWORD),
    ),
    "scrypt over all memory": (
        "unreadable_file",
        lambda: file(costly_key(forged.scrypt_algorithm(2**30, 8, 1)), password=PASSWORD),
    ),
    # passwords
    "wrong password": ("wrong_password", lambda: file(leaf().pkcs12(), password="guess")),
    "wrong password in another script": ("wrong_password", lambda: file(leaf().pkcs12(), password="пароль 🔑")),
    "password of the longest": ("wrong_password", lambda: file(leaf().pkcs12(), password="x" * 1024)),
    "PKCS#12 without its password": ("password_required", lambda: file(leaf().pkcs12())),
    "PEM key with the wrong password": (
        "wrong_password",
        lambda: file(leaf().pem + leaf().key_pem(PASSWORD), password="guess"),
    ),
    "PEM key without its password": ("password_required", lambda: file(leaf().pem + leaf().key_pem(PASSWORD))),
    "key beside, wrong password": (
        "wrong_password",
        lambda: file(leaf().der, private_key=leaf().key_pem(PASSWORD).decode(), private_key_password="guess"),
    ),
    "key beside, without its password": (
        "password_required",
        lambda: file(leaf().der, private_key=leaf().key_pem(PASSWORD).decode()),
    ),
    "key beside, the file's password given": (
        "password_required",
        lambda: file(leaf().der, password=PASSWORD, private_key=leaf().key_pem(PASSWORD).decode()),
    ),
    # keys and certificates that do not go together
    "another's key in PEM": ("key_mismatch", lambda: file(leaf().pem + other().key_pem())),
    "another's key beside": ("key_mismatch", lambda: file(leaf().der, private_key=other().key_pem().decode())),
    "key of another kind": ("key_mismatch", lambda: file(leaf().pem + rsa_leaf().key_pem())),
    "two keys in PEM": ("several_keys", lambda: file(leaf().pem + leaf().key_pem() + other().key_pem())),
    "the same key twice": ("several_keys", lambda: file(leaf().pem + leaf().key_pem() + leaf().key_pem())),
    "a key in the file and one beside": (
        "several_keys",
        lambda: file(leaf().pem + leaf().key_pem(), private_key=leaf().key_pem().decode()),
    ),
    "two keys in PKCS#12": ("several_keys", lambda: file(two_keys_in_pkcs12())),
    "two end-entity certificates": ("several_certificates", lambda: file(leaf().pem + other().pem)),
    "a key alone": ("no_certificate", lambda: file(leaf().key_pem())),
    "a key alone in DER": ("no_certificate", lambda: file(forged.Issued(leaf().certificate, leaf().key).pkcs8)),
    "PKCS#7 without certificates": ("no_certificate", lambda: file(forged.pkcs7())),
    "PKCS#12 without certificates": ("no_certificate", lambda: file(forged.pkcs12(forged.open_part()))),
    # keys that nobody should sign with
    "RSA of 1024 bits": ("weak_key", lambda: issue(algorithm="RSA_1024").body()),
    "RSA of 2047 bits": (
        "weak_key",
        lambda: file(forged.certificate_of(public_info=forged.rsa_public_info((1 << 2046) + 1, 65537))),
    ),
    "RSA, even exponent": ("weak_key", lambda: file(rsa_with_exponent(65536))),
    "RSA, exponent 1": ("weak_key", lambda: file(rsa_with_exponent(1))),
    "RSA, exponent 0": ("weak_key", lambda: file(rsa_with_exponent(0))),
    "RSA, even modulus": (
        "weak_key",
        lambda: file(forged.certificate_of(public_info=forged.rsa_public_info(1 << 2047, 65537))),
    ),
    "RSA of 8192 bits": (
        "unsupported_key",
        lambda: file(forged.certificate_of(public_info=forged.rsa_public_info((1 << 8191) + 1, 65537))),
    ),
    "DSA": ("unsupported_key", lambda: file(with_public_key(dsa_key()))),
    "secp256k1": ("unsupported_key", lambda: issue(algorithm="SECP256K1").body()),
    "brainpool": ("unsupported_key", lambda: issue(algorithm="BrainpoolP256R1").body()),
    "Ed448": ("unsupported_key", lambda: file(with_public_key(ed448.Ed448PrivateKey.generate()))),
    "X25519": ("unsupported_key", lambda: file(with_public_key(x25519.X25519PrivateKey.generate()))),
    "RSA, a prime for a modulus": ("weak_key", lambda: file(rsa_of(A_PRIME))),
    "RSA, a square for a modulus": ("weak_key", lambda: file(rsa_of(rsa_leaf().key.private_numbers().p ** 2))),
    "the base point of P-256": (
        "weak_key",
        lambda: issue(key=ec.derive_private_key(1, ec.SECP256R1())).body(),
    ),
    "Ed25519 of a seed of zeros": (
        "weak_key",
        lambda: issue(key=ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))).body(),
    ),
    "a test key of RFC 6979": ("compromised_key", lambda: file(issue(key=rfc6979_key()).der)),
    "a test key of RFC 6979 with its private key": ("compromised_key", lambda: issue(key=rfc6979_key()).body()),
    # what would be too long to show
    "a serial number of 204,000 octets": (
        "unreadable_file",
        lambda: file(forged.certificate_of(serial=element(tags.INTEGER, b"\x7f" * 204_000))),
    ),
    # key stores of other kinds
    "Java keystore": ("unsupported_format", lambda: file(java_keystore(bytes.fromhex("feedfeed")))),
    "JCE keystore": ("unsupported_format", lambda: file(java_keystore(bytes.fromhex("cececece")))),
    "OpenSSH key": (
        "unsupported_format",
        lambda: file(b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"),
    ),
    "PuTTY key": ("unsupported_format", lambda: file(b"PuTTY-User-Key-File-3: ssh-rsa\n")),
    "OpenPGP key": (
        "unsupported_format",
        lambda: file(b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nAAAA\n-----END PGP PRIVATE KEY BLOCK-----\n"),
    ),
    "ZIP": ("unsupported_format", lambda: file(b"PK\x03\x04" + bytes(200))),
}
