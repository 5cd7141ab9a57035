"""Files that were made to hurt, and what is answered to them."""

import time
from collections.abc import Callable
from functools import cache

from cryptography.hazmat.primitives.asymmetric import ed25519

from signet.adapters.certificate_files.certificate_file import read_certificate_file
from signet.adapters.cryptography.certificate_decoder import certificate_details
from signet.domain.asn1 import tags
from signet.domain.asn1.writer import element
from signet.domain.errors import SignetError
from tests.support.certificates import forged_files as forged
from tests.support.certificates.forged_files import issue, rsa_key

PASSWORD = "password"
MAX_SECONDS = 6.0
"""Of a core that others use, too; 2 on one of its own. What had no bound would take minutes."""
MAX_FILE = 256 * 1024
HUGE = (100_000_000, (1 << 31) - 1, 1 << 40, 1 << 63, 1 << 4096)


def answer(content: bytes, password: str | None = PASSWORD, private_key: str | None = None) -> str | None:
    """The code of the refusal, None where it is read; in time, or the test fails."""
    start = time.process_time()
    try:
        file = read_certificate_file(content, password=password, private_key=private_key, private_key_password=password)
        certificate_details(file.certificate, file.chain)
    except SignetError as error:
        return error.code
    finally:
        assert time.process_time() - start < MAX_SECONDS
    return None


@cache
def leaf() -> forged.Issued:
    return issue("Leaf", key=rsa_key())


def with_mac(count: int) -> bytes:
    return forged.pkcs12(forged.open_part(forged.certificate_bag(leaf().der)), mac=forged.classic_mac(count))


def with_pbmac1(count: int) -> bytes:
    parts = (forged.open_part(forged.certificate_bag(leaf().der)),)
    return forged.pkcs12(*parts, mac=forged.pbmac1(parts, PASSWORD, stated=count))


def with_encrypted_certificates(count: int) -> bytes:
    return forged.pkcs12(forged.encrypted_part(*forged.encrypted(bytes(64), PASSWORD, stated=count)))


def with_encrypted_key(count: int) -> bytes:
    key = forged.bag(forged.SHROUDED_KEY_BAG, forged.encrypted_key(leaf().pkcs8, PASSWORD, stated=count))
    return forged.pkcs12(forged.open_part(key, forged.certificate_bag(leaf().der)))


def with_a_count_behind_encryption(count: int) -> bytes:
    """The key's count is seen only once the part around it is open, as no look from outside can."""
    key = forged.bag(forged.SHROUDED_KEY_BAG, forged.encrypted_key(leaf().pkcs8, PASSWORD, stated=count))
    bags = forged.sequence(key, forged.certificate_bag(leaf().der))
    return forged.pkcs12(forged.encrypted_part(*forged.encrypted(bags, PASSWORD)))


def with_old_encryption(count: int) -> bytes:
    algorithm = forged.pbe_algorithm("1.2.840.113549.1.12.1.6", count)
    return forged.pkcs12(forged.encrypted_part(algorithm, bytes(64)))


def with_a_stream_cipher(count: int) -> bytes:
    algorithm = forged.pbe_algorithm("1.2.840.113549.1.12.1.1", count)
    return forged.pkcs12(forged.encrypted_part(algorithm, bytes(64)))


def with_pem_key(count: int) -> bytes:
    key = forged.encrypted_key(leaf().pkcs8, PASSWORD, stated=count)
    return leaf().pem + forged.pem_key(key, "ENCRYPTED PRIVATE KEY").encode()


def with_pbes1_key(count: int) -> bytes:
    algorithm = forged.pbe_algorithm("1.2.840.113549.1.5.3", count)
    key = forged.sequence(algorithm, forged.octets(bytes(64)))
    return leaf().pem + forged.pem_key(key, "ENCRYPTED PRIVATE KEY").encode()


PLACES: tuple[Callable[[int], bytes], ...] = (
    with_mac,
    with_pbmac1,
    with_encrypted_certificates,
    with_encrypted_key,
    with_a_count_behind_encryption,
    with_old_encryption,
    with_a_stream_cipher,
    with_pem_key,
    with_pbes1_key,
)


def small_certificate(number: int, *, self_named: bool = False) -> bytes:
    """About 200 bytes."""
    name = forged.sequence(
        element(tags.SET, forged.sequence(forged.oid("2.5.4.3"), element(tags.UTF8_STRING, str(number).encode())))
    )
    public = bytes(range(32)) if not self_named else number.to_bytes(32)
    info = forged.sequence(forged.sequence(forged.oid("1.3.101.112")), element(tags.BIT_STRING, b"\0" + public))
    subject = None if self_named else name
    return forged.certificate_of(serial=forged.integer(number + 1), public_info=info, subject=subject)


def nested(tag: bytes, depth: int) -> bytes:
    return tag * depth + b"\0\0" * depth


def definitely_nested(size: int) -> bytes:
    content = b""
    while len(content) < size:
        content = forged.sequence(content)
    return content


def long_chain(length: int) -> bytes:
    above = None
    blocks = []
    for number in range(length):
        above = issue(f"{number}", by=above, key=ed25519.Ed25519PrivateKey.generate())
        blocks.append(above.der)
    return forged.pkcs7(*blocks)


def with_extension(value: bytes, dotted: str = "2.5.29.17") -> bytes:
    return forged.certificate_of(extensions=forged.sequence(forged.extension(dotted, value)))


def with_name_of(count: int) -> bytes:
    attribute = forged.sequence(forged.oid("2.5.4.3"), element(tags.UTF8_STRING, b"x"))
    return forged.certificate_of(subject=forged.sequence(*[element(tags.SET, attribute)] * count))


def with_public_exponent(bits: int) -> bytes:
    n = rsa_key().public_key().public_numbers().n
    return forged.certificate_of(public_info=forged.rsa_public_info(n, (1 << bits - 1) + 1))


@cache
def issuers_of_great_length() -> bytes:
    """Many issuers of one name whose keys take long to verify with, and a certificate of theirs."""
    name = forged.sequence(element(tags.SET, forged.sequence(forged.oid("2.5.4.3"), element(12, b"By hand"))))
    algorithm = forged.sequence(forged.oid("1.2.840.113549.1.1.11"), forged.NULL)
    certificates = [
        forged.certificate_of(
            serial=forged.integer(number),
            public_info=forged.rsa_public_info((1 << 8191) + 2 * number + 1, (1 << 63) + 1),
            subject=name,
        )
        for number in range(100)
    ]
    signed = forged.certificate_of(public_info=None)
    signed = signed.replace(forged.sequence(forged.oid("1.2.840.10045.4.3.2")), algorithm)
    return forged.pkcs7(*certificates, signed)


SHAPES: dict[str, Callable[[], bytes]] = {
    "nothing but nested indefinite lengths": lambda: nested(b"\x30\x80", MAX_FILE // 4),
    "nested indefinite lengths that never end": lambda: b"\x30\x80" * (MAX_FILE // 2),
    "indefinite lengths in octet strings": lambda: nested(b"\x24\x80", MAX_FILE // 4),
    "indefinite lengths to the depth that is read, over many small parts": lambda: (
        b"\x30\x80" * 31 + b"\x04\0" * (MAX_FILE // 2 - 100) + b"\0\0" * 31
    ),
    "nested definite lengths": lambda: definitely_nested(MAX_FILE - 8),
    "PKCS#7 around nested lengths": lambda: forged.pkcs7(definitely_nested(MAX_FILE - 100)),
    "a hundred thousand empty elements": lambda: forged.sequence(b"\x05\0" * (MAX_FILE // 2 - 8)),
    "PKCS#7 of empty certificates": lambda: forged.pkcs7(b"\x30\0" * (MAX_FILE // 2 - 50)),
    "PKCS#12 of empty parts": lambda: forged.pkcs12(b"\x30\0" * (MAX_FILE // 2 - 50)),
    "a length of four gigabytes": lambda: b"\x30\x84\xff\xff\xff\xff" + bytes(1000),
    "a length of lengths": lambda: b"\x30\xff" + b"\xff" * 127 + bytes(1000),
    "a tag without end": lambda: b"\x3f" + b"\xff" * 100_000,
    "a thousand certificates of one name and key": lambda: forged.pkcs7(*map(small_certificate, range(1100))),
    "a thousand certificates that all could issue each other": lambda: forged.pkcs7(
        *(small_certificate(number, self_named=True) for number in range(1000))
    ),
    "a chain of six hundred": lambda: long_chain(600),
    "issuers whose keys are long": issuers_of_great_length,
    "a hundred thousand names": lambda: with_extension(forged.sequence(b"\x82\0" * (MAX_FILE // 2 - 400))),
    "nested names": lambda: with_extension(forged.sequence(definitely_nested(MAX_FILE - 800))),
    "an identifier of 200 kB": lambda: with_extension(forged.sequence(element(0x88, b"\x81" * 200_000 + b"\1"))),
    "a policy of 200 kB": lambda: with_extension(
        forged.sequence(forged.sequence(element(6, b"\xff" * 200_000 + b"\1"))), "2.5.29.32"
    ),
    "a path length of 200 kB": lambda: with_extension(
        forged.sequence(element(tags.BOOLEAN, b"\xff"), element(tags.INTEGER, b"\x7f" * 200_000)),
        "2.5.29.19",
    ),
    "key usages of 200 kB": lambda: with_extension(element(tags.BIT_STRING, b"\0" + b"\xff" * 200_000), "2.5.29.15"),
    "ten thousand attributes in a name": lambda: with_name_of(10_000),
    "a serial number of 200 kB": lambda: forged.certificate_of(serial=element(tags.INTEGER, b"\x7f" * 200_000)),
    "a public exponent of 4 kB": lambda: with_public_exponent(1 << 15),
    "a public exponent of 200 kB": lambda: with_public_exponent(200_000 * 8),
    "a modulus of 200 kB": lambda: forged.certificate_of(
        public_info=forged.rsa_public_info((1 << 1_600_000) + 1, 65537)
    ),
    "old encryption around 200 kB": lambda: forged.pkcs12(
        forged.encrypted_part(forged.pbe_algorithm("1.2.840.113549.1.12.1.6", 1), bytes(200_000))
    ),
    "ten thousand beginnings of PEM": lambda: b"-----BEGIN CERTIFICATE-----\n" * (MAX_FILE // 28),
    "ten thousand empty PEM blocks": lambda: b"-----BEGIN X-----\n-----END X-----\n" * (MAX_FILE // 35),
    "PEM of nothing but headers": lambda: (
        b"-----BEGIN CERTIFICATE-----\n" + b"a: b\n" * 50_000 + b"-----END CERTIFICATE-----\n"
    ),
    "PEM of nothing but dashes": lambda: b"-----BEGIN " + b"-" * (MAX_FILE - 20),
    "PEM of nothing but empty lines": lambda: b"-----BEGIN X-----" + b"\n" * (MAX_FILE - 20),
    "PEM with one line of 250 kB": lambda: b"-----BEGIN X-----\n" + b"A" * 250_000 + b"\n-----END X-----",
    "PEM that begins with spaces": lambda: b" " * 250_000 + b"-----BEGIN X-----",
}
