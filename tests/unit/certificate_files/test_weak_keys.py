"""Keys that can be broken, or that are public, do not come in: in a certificate alone, and with the private key."""

import hashlib
import itertools
import secrets
from collections.abc import Callable
from math import gcd, prod
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from signet.adapters.certificate_files.certificate_file import read_certificate_file
from signet.adapters.certificate_files.keys import curve_weakness, rsa_weakness
from signet.adapters.certificate_files.keys.compromised_keys import PREFIX_BYTES, SHIPPED, CompromisedKeys
from signet.adapters.cryptography.certificate_decoder import certificate_details
from signet.domain.asn1 import tags
from signet.domain.asn1.writer import element
from signet.domain.errors import SignetError, WeakKeyError
from tests.support.certificates import forged_files as forged
from tests.support.certificates.forged_files import AnyKey, issue, rsa_key
from tools import compromised_keys

CURVES = {
    "ECC_NIST_P256": ec.SECP256R1(),
    "ECC_NIST_P384": ec.SECP384R1(),
    "ECC_NIST_P521": ec.SECP521R1(),
}


def answer(content: bytes, private_key: str | None = None) -> str | None:
    """The code of the refusal; None where it comes in."""
    try:
        read_certificate_file(content, password=None, private_key=private_key, private_key_password=None)
    except SignetError as error:
        return error.code
    return None


SMALL = prod(n for n in range(3, 2000, 2) if all(n % d for d in range(3, n, 2)))


def next_prime(start: int) -> int:
    return next(n for n in itertools.count(start | 1, 2) if gcd(n, SMALL) == 1 and pow(2, n - 1, n) == 1)


def primes() -> tuple[int, int]:
    numbers = rsa_key().private_numbers()
    return numbers.p, numbers.q


def of_rsa(modulus: int, exponent: int = 65537) -> bytes:
    return forged.certificate_of(public_info=forged.rsa_public_info(modulus, exponent))


def ones(bits: int) -> int:
    return (1 << bits) - 1


def repeated(word: int, bits: int, total: int) -> int:
    return word * (ones(total) // ones(bits))


WEAK_MODULI: dict[str, Callable[[int, int], int]] = {
    "a prime": lambda p, q: next_prime(p * q),
    "65537 times another": lambda p, q: 65537 * next_prime(p * q >> 10),
    "a square": lambda p, q: p * p,
    "a cube": lambda p, q: next_prime(p >> 330) ** 3,
    "one prime twice the other": lambda p, q: p * next_prime(2 * p + 100),
    "primes as 3 to 5": lambda p, q: p * next_prime(5 * p // 3),
    "primes as 15 to 16": lambda p, q: p * next_prime(16 * p // 15),
    "primes of few ones": lambda p, q: next_prime(1 << 1030) * next_prime(1 << 1040),
    "primes of few zeros": lambda p, q: next_prime(ones(1024) - (1 << 40)) * next_prime(ones(1024) - (1 << 900)),
    "a byte over and over": lambda p, q: next_prime(repeated(0xC5, 8, 1024)) * next_prime(repeated(0xD3, 8, 1024)),
    "32 bits over and over": lambda p, q: (
        next_prime(repeated(0xDEADBEEF, 32, 1024)) * next_prime(repeated(0xCAFEBABE, 32, 1024))
    ),
}


@pytest.mark.one_in(3)
@pytest.mark.parametrize("why", WEAK_MODULI)
def test_a_modulus_that_shows_its_factors_is_weak(why: str) -> None:
    assert answer(of_rsa(WEAK_MODULI[why](*primes()))) == "weak_key"


@pytest.mark.parametrize("exponent", [0, 1, 2, 4, 65536, (1 << 64) + 1, (1 << 2040) + 1])
def test_a_public_exponent_that_is_even_one_or_very_long_is_weak(exponent: int) -> None:
    """With one of 64 bits at most, no private exponent is below the bounds of Wiener or of Boneh and Durfee."""
    p, q = primes()
    assert answer(of_rsa(p * q, exponent)) == "weak_key"


@pytest.mark.parametrize("bits", [17, 256, 500, 590])
def test_a_private_exponent_that_can_be_computed_is_weak(bits: int) -> None:
    p, q = primes()
    d = next(n for n in itertools.count((1 << bits - 1) + 1, 2) if gcd(n, (p - 1) * (q - 1)) == 1)
    structure = forged.rsa_structure(p, q, e=pow(d, -1, (p - 1) * (q - 1)), d=d)
    assert answer(of_rsa(p * q), forged.pem_key(structure, "RSA PRIVATE KEY")) == "weak_key"


def test_one_prime_that_follows_a_pattern_is_weak_where_the_private_key_shows_it() -> None:
    p, _ = primes()
    for other in (next_prime(repeated(0xB6D1E4F3, 32, 1024)), next_prime(3 << 1022)):
        pem = forged.pem_key(forged.rsa_structure(p, other), "RSA PRIVATE KEY")
        assert answer(of_rsa(p * other), pem) == "weak_key"


@pytest.mark.parametrize("name", CURVES)
@pytest.mark.parametrize(
    "scalar",
    [1, 2, 3, 16, 255, 511, 512, 513, 1000, 65537, 100_000, 2**64, 2**128, 2**200, "-1", "-77777", "01", "a5", "ff"],
    ids=str,
)
def test_a_point_whose_number_is_guessed_is_weak(name: str, scalar: int | str) -> None:
    curve = CURVES[name]
    if isinstance(scalar, int):
        number = scalar
    elif scalar.startswith("-"):
        number = ORDERS[name] + int(scalar)
    else:
        number = int.from_bytes(bytes.fromhex(scalar) * (curve.key_size // 8)) % ORDERS[name]
    key = ec.derive_private_key(number, curve)
    if scalar != "ff" or name == "ECC_NIST_P521":
        assert answer(issue("It", key=key).der) == "weak_key"
    issued = issue("It", key=key)
    assert answer(issued.pem + issued.key_pem) == "weak_key"


ORDERS = {
    "ECC_NIST_P256": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    "ECC_NIST_P384": 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
    "ECC_NIST_P521": (1 << 521) - 0x5AE79787C40D069948033FEB708F65A2FC44A36477663B851449048E16EC79BF7,
}


def of_ed25519(public: bytes) -> bytes:
    algorithm = forged.sequence(forged.oid("1.3.101.112"))
    return forged.certificate_of(public_info=forged.sequence(algorithm, element(tags.BIT_STRING, b"\0" + public)))


@pytest.mark.parametrize(
    "point",
    [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        # The same spelled in ways that RFC 8032 does not allow.
        "0100000000000000000000000000000000000000000000000000000000000080",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    ],
)
def test_an_ed25519_point_of_small_order_is_weak(point: str) -> None:
    assert answer(of_ed25519(bytes.fromhex(point))) == "weak_key"


@pytest.mark.parametrize(
    "seed", [bytes(32), b"\x01" * 32, b"\xff" * 32, b"a" * 32, bytes(range(32)), bytes(31) + b"\7"]
)
def test_an_ed25519_key_of_a_plain_seed_is_weak(seed: bytes) -> None:
    key = ed25519.Ed25519PrivateKey.from_private_bytes(seed)
    assert answer(issue("It", key=key).der) == "weak_key"
    issued = issue("It", key=key)
    assert answer(issued.pem + issued.key_pem) == "weak_key"


def test_keys_drawn_at_random_are_sound() -> None:
    for curve in CURVES.values():
        for _ in range(5):
            issued = issue("It", key=ec.generate_private_key(curve))
            assert answer(issued.pem + issued.key_pem) is None
    for _ in range(20):
        issued = issue("It", key=ed25519.Ed25519PrivateKey.generate())
        assert answer(issued.pem + issued.key_pem) is None


def test_moduli_drawn_at_random_are_sound() -> None:
    for _ in range(300):
        rsa_weakness_of_random(1024)
    for bits in (2048, 3072):
        numbers = rsa.generate_private_key(65537, bits).private_numbers()
        rsa_weakness.check_modulus(numbers.public_numbers.n, may_be_prime=True)
        rsa_weakness.check_primes(numbers.p, numbers.q)


def rsa_weakness_of_random(bits: int) -> None:
    assert not rsa_weakness.repeats_itself(secrets.randbits(bits) | 3 << bits - 2)
    assert not rsa_weakness.repeats_itself(secrets.randbits(256) | 1 << 250)


def test_the_curves_arithmetic_is_the_library_s() -> None:
    for name, curve in CURVES.items():
        numbers = ec.derive_private_key(2**17 + 2**30, curve).public_key().public_numbers()
        curve_weakness.check_point(name, numbers.x, numbers.y)
        for number in (2, 3, 1023):
            weak = ec.derive_private_key(number, curve).public_key().public_numbers()
            with pytest.raises(WeakKeyError):
                curve_weakness.check_point(name, weak.x, weak.y)


def test_a_weak_key_that_came_in_before_is_still_shown() -> None:
    p, _ = primes()
    certificate = of_rsa(p * p)
    assert answer(certificate) == "weak_key"
    assert certificate_details(certificate, ()).public_key.size == 2048


# --- public keys -------------------------------------------------------------------------------------------------


def test_the_test_keys_of_standards_are_compromised() -> None:
    """RFC 6979, A.2.5 and RFC 8032, 7.1, by their private keys."""
    keys: list[AnyKey] = [
        ec.derive_private_key(0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721, ec.SECP256R1()),
        ed25519.Ed25519PrivateKey.from_private_bytes(
            bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
        ),
    ]
    shipped = CompromisedKeys.load(Path("/nowhere"))
    for key in keys:
        issued = issue("It", key=key)
        with pytest.raises(SignetError) as refused:
            read_certificate_file(
                issued.der, password=None, private_key=None, private_key_password=None, compromised=shipped
            )
        assert refused.value.code == "compromised_key"


def test_a_list_is_made_of_a_folder_of_keys_and_stands_in_for_the_shipped_one(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    (folder / "deeper").mkdir(parents=True)
    public, second, private, certified, hashed, sound = (ec.generate_private_key(ec.SECP256R1()) for _ in range(6))
    blocks = [
        key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo) for key in (public, second)
    ]
    (folder / "a.pem").write_bytes(b"".join(blocks))
    (folder / "deeper" / "b.der").write_bytes(private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
    (folder / "c.crt").write_bytes(b"text\n" + issue("It", key=certified).pem)
    (folder / "d.txt").write_text(thumbprint(hashed) + "\n")
    (folder / "e.md").write_text("no key")

    compromised_keys.main([str(folder), str(tmp_path / "list.bin")])
    compromised_keys.main([str(folder), str(tmp_path / "alone.bin"), "--alone"])

    listed, alone = (CompromisedKeys.load(tmp_path / name) for name in ("list.bin", "alone.bin"))
    shipped = SHIPPED.read_bytes()[:PREFIX_BYTES].hex().ljust(64, "0")
    for key in (public, second, private, certified, hashed):
        assert thumbprint(key) in listed
        assert thumbprint(key) in alone
    assert thumbprint(sound) not in listed
    assert (shipped in listed, shipped in alone) == (True, False)


def thumbprint(key: ec.EllipticCurvePrivateKey) -> str:
    info = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(info).hexdigest().upper()


def test_a_list_that_is_none_is_refused_when_it_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "list.bin").write_bytes(b"x" * 17)
    with pytest.raises(ValueError, match="16 bytes for each"):
        CompromisedKeys.load(tmp_path / "list.bin")
    (tmp_path / "empty.bin").write_bytes(b"")
    assert thumbprint(ec.generate_private_key(ec.SECP256R1())) not in CompromisedKeys.load(tmp_path / "empty.bin")
