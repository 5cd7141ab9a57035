"""Private keys in certificate files: which are read, which are refused, and that none is ever shown."""

import itertools
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa, x25519
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from signet.domain.asn1 import tags
from signet.domain.asn1.writer import element
from signet.domain.errors import SignetError
from tests.support.certificates import forged_files as forged
from tests.support.certificates.forged_files import Issued, issue, rsa_key
from tests.unit.certificate_files.reading import PASSWORD, openssl, read, refusal

# Keys are made by the tests themselves: each process that collects them would make them anew.
KeyMaker = Callable[[], PrivateKeyTypes]


@pytest.mark.parametrize("make", [rsa_key, partial(ec.generate_private_key, ec.SECP384R1())], ids=["RSA", "EC"])
@pytest.mark.parametrize("password", [None, PASSWORD])
@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_private_keys_are_read_in_every_form(
    make: Callable[[], rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey], password: str | None, form: PrivateFormat
) -> None:
    key = make()
    encryption = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    pem = key.private_bytes(Encoding.PEM, form, encryption)
    issued = issue("It", key=key)

    assert read(issued.pem + pem, password).private_key == issued.pkcs8
    assert read(issued.pem, private_key=pem, private_key_password=password).private_key == issued.pkcs8
    assert read(issued.pem + pem, private_key_password=password).private_key == issued.pkcs8
    if password:
        assert refusal(issued.pem + pem) == "password_required"
        assert refusal(issued.pem + pem, "another") == "wrong_password"
        assert refusal(issued.pem, PASSWORD, pem) == "password_required"
        assert refusal(issued.pem, PASSWORD, pem, "another") == "wrong_password"


@pytest.mark.parametrize("cipher", ["aes128", "aes192", "aes256", "des3"])
@pytest.mark.parametrize("traditional", [[], ["-traditional"]])
def test_encrypted_keys_from_openssl_are_read(cipher: str, traditional: list[str], folder: Path, leaf: Issued) -> None:
    pem = openssl("rsa", *traditional, f"-{cipher}", "-in", folder / "key.pem", "-passout", f"pass:{PASSWORD}")
    assert read(leaf.pem, private_key=pem, private_key_password=PASSWORD).private_key == leaf.pkcs8


@pytest.mark.parametrize(
    "options",
    [
        ["-scrypt"],
        ["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA512"],
        ["-v2", "des3", "-v2prf", "hmacWithSHA1"],
        ["-v1", "PBE-SHA1-3DES"],
        ["-v1", "PBE-SHA1-RC2-40"],
        ["-v1", "PBE-MD5-DES"],
        ["-v2", "rc2"],
    ],
    ids=" ".join,
)
def test_encrypted_pkcs8_from_openssl_is_read(options: list[str], folder: Path, leaf: Issued) -> None:
    pem = openssl(
        "pkcs8", "-topk8", *options, "-in", folder / "key.pem", "-passout", f"pass:{PASSWORD}",
        "-provider", "legacy", "-provider", "default",
    )  # fmt: skip
    assert read(leaf.pem, private_key=pem, private_key_password=PASSWORD).private_key == leaf.pkcs8


def test_ec_parameters_before_a_key_do_not_matter(tmp_path: Path) -> None:
    pem = openssl("ecparam", "-name", "prime256v1", "-genkey")
    certificate = openssl("req", "-x509", "-new", "-key", "/dev/stdin", "-subj", "/CN=It", "-days", "9", stdin=pem)
    assert b"EC PARAMETERS" in pem
    assert read(certificate + pem).facts.key_algorithm == "ECC_NIST_P256"


def test_more_than_one_private_key_is_refused_wherever_they_are(leaf: Issued, middle: Issued) -> None:
    middle_key = forged.bag(forged.KEY_BAG, middle.pkcs8)
    leaf_key = forged.bag(forged.SHROUDED_KEY_BAG, forged.encrypted_key(leaf.pkcs8, PASSWORD))
    certificate = forged.certificate_bag(leaf.der)
    hidden = forged.encrypted_part(*forged.encrypted(forged.sequence(middle_key), PASSWORD))

    assert refusal(leaf.pem + leaf.key_pem + middle.key_pem) == "several_keys"
    assert refusal(leaf.pem + leaf.key_pem, private_key=leaf.key_pem) == "several_keys"
    assert refusal(leaf.pem, private_key=leaf.key_pem + middle.key_pem) == "several_keys"
    assert refusal(forged.pkcs12(forged.open_part(leaf_key, middle_key, certificate)), PASSWORD) == "several_keys"
    assert refusal(forged.pkcs12(forged.open_part(leaf_key, certificate), hidden), PASSWORD) == "several_keys"
    assert refusal(forged.pkcs12(forged.open_part(leaf_key, certificate)), PASSWORD, leaf.key_pem) == "several_keys"


def test_a_key_of_another_certificate_is_refused(leaf: Issued, middle: Issued) -> None:
    assert refusal(leaf.pem, private_key=middle.key_pem) == "key_mismatch"
    assert refusal(leaf.pem + middle.key_pem) == "key_mismatch"
    content = forged.pkcs12(
        forged.open_part(forged.bag(forged.KEY_BAG, middle.pkcs8), forged.certificate_bag(leaf.der))
    )
    assert refusal(content) == "key_mismatch"


def test_a_key_alone_is_no_certificate(leaf: Issued) -> None:
    assert refusal(leaf.key_pem) == "no_certificate"
    assert refusal(leaf.pkcs8) == "no_certificate"
    assert refusal(forged.encrypted_key(leaf.pkcs8, PASSWORD), PASSWORD) == "no_certificate"
    assert refusal(forged.pkcs12(forged.open_part(forged.bag(forged.KEY_BAG, leaf.pkcs8)))) == "no_certificate"
    assert refusal(forged.pkcs12()) == "no_certificate"
    assert refusal(forged.pkcs7()) == "no_certificate"


def test_a_private_key_that_is_none_is_refused(leaf: Issued) -> None:
    assert refusal(leaf.pem, private_key="") == "unreadable_file"
    assert refusal(leaf.pem, private_key="secret") == "unreadable_file"
    assert refusal(leaf.pem, private_key=leaf.pem) == "unreadable_file"
    assert refusal(leaf.pem, private_key="\ud800") == "unreadable_file"
    assert refusal(leaf.pem, private_key=forged.pem_key(b"\x30\x00")) == "unreadable_file"


@pytest.mark.parametrize(
    ("make", "algorithm"),
    [
        (partial(rsa_key, 2048), "RSA_2048"),
        (partial(rsa_key, 2176), "RSA_2176"),
        (partial(rsa_key, 3072), "RSA_3072"),
        (partial(rsa_key, 4096), "RSA_4096"),
        (partial(rsa.generate_private_key, 3, 2048), "RSA_2048"),
        (partial(ec.generate_private_key, ec.SECP256R1()), "ECC_NIST_P256"),
        (partial(ec.generate_private_key, ec.SECP384R1()), "ECC_NIST_P384"),
        (partial(ec.generate_private_key, ec.SECP521R1()), "ECC_NIST_P521"),
        (ed25519.Ed25519PrivateKey.generate, "ED25519"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_supported_key_comes_in_and_out_as_it_was(make: Callable[[], forged.AnyKey], algorithm: str) -> None:
    key = make()
    issued = issue("It", key=key)
    file = read(issued.pem + issued.key_pem)

    assert file.facts.key_algorithm == algorithm
    assert file.private_key is not None
    loaded = load_der_private_key(file.private_key, None)
    assert isinstance(loaded, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey)
    assert loaded.public_key() == key.public_key()


@pytest.mark.parametrize(
    "make",
    [
        partial(rsa_key, 4104),
        partial(dsa.generate_private_key, 2048),
        partial(ec.generate_private_key, ec.SECP256K1()),
        partial(ec.generate_private_key, ec.SECP224R1()),
        partial(ec.generate_private_key, ec.BrainpoolP256R1()),
        ed448.Ed448PrivateKey.generate,
        x25519.X25519PrivateKey.generate,
    ],
    ids=["RSA_4104", "DSA", "secp256k1", "secp224r1", "brainpool", "Ed448", "X25519"],
)
def test_other_keys_are_not_supported_in_a_certificate_or_beside_one(make: KeyMaker, leaf: Issued) -> None:
    key = make()
    info = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert refusal(forged.certificate_of(public_info=info)) == "unsupported_key"
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    assert refusal(leaf.pem, private_key=pem) == "unsupported_key"


def primes() -> tuple[int, int]:
    numbers = rsa_key().private_numbers()
    return max(numbers.p, numbers.q), min(numbers.p, numbers.q)


def test_rsa_numbers_that_can_be_broken_are_weak_in_a_certificate() -> None:
    p, q = primes()
    close = next(n for n in itertools.count(p + 2, 2) if pow(2, n - 1, n) == 1)
    weak = {
        "1024 bits": (rsa_key(1024).public_key().public_numbers().n, 65537),
        "2047 bits": ((1 << 2046) + 1, 65537),
        "exponent 0": (p * q, 0),
        "exponent 1": (p * q, 1),
        "even exponent": (p * q, 65536),
        "negative exponent": (p * q, -3),
        "long exponent": (p * q, (1 << 64) + 1),
        "even modulus": (p * q * 2, 65537),
        "small factor": (p * q * 691, 65537),
        "close primes": (p * close, 65537),
        "ROCA": (pow(65537, 12345, _PRIMORIAL) + (1 << 2047) // _PRIMORIAL * _PRIMORIAL, 65537),
    }
    for why, (n, e) in weak.items():
        assert refusal(forged.certificate_of(public_info=forged.rsa_public_info(n, e))) == "weak_key", why
    giant = forged.certificate_of(public_info=forged.rsa_public_info((1 << 1_000_000) + 1, 65537))
    assert refusal(giant) == "unsupported_key"
    assert refusal(forged.certificate_of(public_info=forged.rsa_public_info(-p * q, 65537))) == "unreadable_file"
    assert (
        read(forged.certificate_of(public_info=forged.rsa_public_info(p * q, 65537))).facts.key_algorithm == "RSA_2048"
    )


_PRIMORIAL = 1


def test_rsa_private_keys_are_checked_in_full(leaf: Issued) -> None:
    p, q = primes()
    d = rsa_key().private_numbers().d
    composite = p * q  # of 2048 bits; as one "prime" of a 4096-bit key
    other_p, other_q = rsa_key(2048, 1).private_numbers().p, rsa_key(2048, 1).private_numbers().q
    composite_d = pow(65537, -1, (composite - 1) * (other_p * other_q - 1))
    close = next(n for n in itertools.count(p + 2, 2) if pow(2, n - 1, n) == 1)
    keys = {
        "composite primes": (forged.rsa_structure(composite, other_p * other_q, d=composite_d), "weak_key"),
        "close primes": (forged.rsa_structure(p, close), "weak_key"),
        "even exponent": (forged.rsa_structure(p, q, e=2, d=3), "weak_key"),
        "exponent 1": (forged.rsa_structure(p, q, e=1, d=1), "weak_key"),
        "short secret exponent": (
            forged.rsa_structure(p, q, e=(e := pow(65537, -1, (p - 1) * (q - 1))), d=65537),
            "weak_key",
        ),
        "wrong secret exponent": (forged.rsa_structure(p, q, d=d + 2), "unreadable_file"),
        "two of three primes": (
            forged.sequence(*map(forged.integer, (1, p * q, 3, 3, p, q, 1, 1, 1))),
            "unsupported_key",
        ),
        "other primes": (
            forged.sequence(*map(forged.integer, (0, p * q, 65537, d, other_p, other_q, 1, 1, 1))),
            "unreadable_file",
        ),
        "zeros": (forged.sequence(*map(forged.integer, (0, p * q, 65537, 0, 0, 0, 0, 0, 0))), "unreadable_file"),
        "1024 bits": (forged.rsa_structure(*_primes_of(rsa_key(1024))), "weak_key"),
    }
    assert e > 1 << 64
    for why, (structure, code) in keys.items():
        assert refusal(leaf.pem, private_key=forged.pem_key(structure, "RSA PRIVATE KEY")) == code, why


def _primes_of(key: rsa.RSAPrivateKey) -> tuple[int, int]:
    return key.private_numbers().p, key.private_numbers().q


def test_an_ec_key_is_its_number_whatever_point_it_states() -> None:
    """The public point is computed, so that a lie about it cannot pair a key with a certificate."""
    mine, other = issue("Mine"), issue("Other")
    assert isinstance(mine.key, ec.EllipticCurvePrivateKey)
    scalar = mine.key.private_numbers().private_value.to_bytes(32)
    point = other.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    structure = forged.sequence(
        forged.integer(1),
        forged.octets(scalar),
        forged.explicit(0, forged.oid("1.2.840.10045.3.1.7")),
        forged.explicit(1, element(tags.BIT_STRING, b"\0" + point)),
    )
    pem = forged.pem_key(structure, "EC PRIVATE KEY")

    assert refusal(other.pem, private_key=pem) == "key_mismatch"
    assert read(mine.pem, private_key=pem).private_key == mine.pkcs8


def test_no_refusal_tells_a_password_or_a_key(leaf: Issued, middle: Issued) -> None:
    password = "Tr0ub4dor&3-secret"
    encrypted = forged.encrypted_key(leaf.pkcs8, password)
    content = forged.pkcs12(forged.open_part(forged.bag(forged.SHROUDED_KEY_BAG, encrypted)))
    broken_key = forged.pem_key(leaf.pkcs8[:-9] + bytes(9)).encode()
    attempts = [
        (leaf.pem, password, broken_key.decode(), password),
        (leaf.pem, password, middle.key_pem.decode(), password),
        (leaf.pem + broken_key, password, None, None),
        (content, password, None, None),
        (content, password + "!", None, None),
        (leaf.pem, None, forged.pem_key(encrypted, "ENCRYPTED PRIVATE KEY"), password + "!"),
        (leaf.pem, None, forged.pem_key(encrypted, "ENCRYPTED PRIVATE KEY"), None),
    ]
    for attempt in attempts:
        with pytest.raises(SignetError) as refused:
            read(*attempt)
        told = "".join(traceback.format_exception(refused.value, chain=True)) + repr(refused.value)
        # The traceback quotes the lines of this test, where the password stands in a literal once.
        told = told.replace('password = "Tr0ub4dor&3-secret"', "")
        assert password not in told
        assert leaf.key_pem.decode().splitlines()[3] not in told
        assert refused.value.__cause__ is None


def test_what_is_read_does_not_show_its_private_key(leaf: Issued) -> None:
    file = read(leaf.pem + leaf.key_pem)
    assert file.private_key is not None
    assert repr(file.private_key)[2:60] not in repr(file)
