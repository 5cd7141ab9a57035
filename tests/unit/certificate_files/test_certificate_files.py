"""Reading certificate files: what openssl writes, how the certificate that matters is found, and each refusal."""

import itertools
import subprocess
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
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
    pkcs12,
)

from signet.adapters.certificate_files.certificate_file import read_certificate_file
from signet.domain.asn1 import tags
from signet.domain.asn1.writer import element
from signet.domain.errors import SignetError
from signet.domain.x509.certificate_facts import CertificateFile
from tests.support.certificates import forged_files as forged
from tests.support.certificates.forged_files import Issued, issue, rsa_key

PASSWORD = "correct horse battery staple"


def read(
    content: bytes,
    password: str | None = None,
    private_key: str | bytes | None = None,
    private_key_password: str | None = None,
) -> CertificateFile:
    key = private_key.decode() if isinstance(private_key, bytes) else private_key
    return read_certificate_file(content, password=password, private_key=key, private_key_password=private_key_password)


def refusal(
    content: bytes,
    password: str | None = None,
    private_key: str | bytes | None = None,
    private_key_password: str | None = None,
) -> str:
    with pytest.raises(SignetError) as refused:
        read(content, password, private_key, private_key_password)
    return refused.value.code


def openssl(*arguments: str | Path, stdin: bytes | None = None) -> bytes:
    return subprocess.run(["openssl", *map(str, arguments)], input=stdin, check=True, capture_output=True).stdout


@pytest.fixture(scope="module")
def root() -> Issued:
    return issue("Root")


@pytest.fixture(scope="module")
def middle(root: Issued) -> Issued:
    return issue("Middle", by=root)


@pytest.fixture(scope="module")
def leaf(middle: Issued) -> Issued:
    return issue("Leaf", by=middle, key=rsa_key(), ca=False)


@pytest.fixture
def folder(tmp_path: Path, leaf: Issued, middle: Issued, root: Issued) -> Path:
    """The files that the openssl command line works on."""
    (tmp_path / "leaf.pem").write_bytes(leaf.pem)
    (tmp_path / "key.pem").write_bytes(leaf.key_pem)
    (tmp_path / "chain.pem").write_bytes(root.pem + middle.pem)
    return tmp_path


# --- formats -----------------------------------------------------------------------------------------------------


@pytest.mark.one_in(4)
@pytest.mark.parametrize(
    "options",
    [
        [],
        ["-legacy"],
        ["-legacy", "-descert"],
        ["-nomac"],
        ["-noiter", "-nomaciter"],
        ["-iter", "100000"],
        ["-macalg", "sha512"],
        ["-keypbe", "NONE", "-certpbe", "NONE"],
        ["-keypbe", "AES-128-CBC", "-certpbe", "AES-192-CBC"],
        ["-keypbe", "DES-EDE3-CBC", "-certpbe", "DES-EDE3-CBC"],
        ["-legacy", "-keypbe", "PBE-SHA1-RC2-128", "-certpbe", "PBE-SHA1-RC2-128"],
        ["-legacy", "-keypbe", "PBE-SHA1-RC4-128", "-certpbe", "PBE-SHA1-RC4-40"],
        ["-legacy", "-keypbe", "PBE-SHA1-2DES", "-certpbe", "PBE-SHA1-3DES"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("password", [PASSWORD, "", "пароль ☺ \U0001f511"])
def test_pkcs12_from_openssl_is_read_whatever_protects_it(
    options: list[str], password: str, folder: Path, leaf: Issued, middle: Issued, root: Issued
) -> None:
    openssl(
        "pkcs12", "-export", *options, "-in", folder / "leaf.pem", "-inkey", folder / "key.pem",
        "-certfile", folder / "chain.pem", "-name", "Jürgen's key", "-passout", f"pass:{password}",
        "-out", folder / "it.p12",
    )  # fmt: skip
    content = (folder / "it.p12").read_bytes()

    file = read(content, password)

    assert (file.certificate, file.chain) == (leaf.der, (middle.der, root.der))
    assert file.private_key == leaf.pkcs8
    assert file.friendly_name == "Jürgen's key"
    if password:
        open_to_all = {"-nomac", "NONE"} <= set(options)
        assert open_to_all or refusal(content, PASSWORD + "!") == "wrong_password"
        assert open_to_all or refusal(content) == "password_required"
    else:
        assert read(content) == file


def test_no_password_and_an_empty_one_are_the_same_in_pkcs12(leaf: Issued) -> None:
    content = pkcs12.serialize_key_and_certificates(b"n", rsa_key(), leaf.certificate, None, NoEncryption())
    assert read(content) == read(content, "")


def test_pkcs12_with_pbmac1_is_read(leaf: Issued) -> None:
    parts = (
        forged.open_part(forged.bag(forged.SHROUDED_KEY_BAG, forged.encrypted_key(leaf.pkcs8, PASSWORD))),
        forged.encrypted_part(
            *forged.encrypted(forged.sequence(forged.certificate_bag(leaf.der)), PASSWORD),
        ),
    )
    content = forged.pkcs12(*parts, mac=forged.pbmac1(parts, PASSWORD))

    assert read(content, PASSWORD).private_key == leaf.pkcs8
    assert refusal(content, "another") == "wrong_password"


def test_pkcs12_in_ber_is_read(leaf: Issued, folder: Path) -> None:
    """As Windows, Java and Netscape have written it: indefinite lengths, octet strings in pieces."""
    safe = forged.sequence(forged.open_part(forged.bag(forged.KEY_BAG, leaf.pkcs8), forged.certificate_bag(leaf.der)))
    pieces = b"".join(forged.octets(safe[at : at + 100]) for at in range(0, len(safe), 100))
    end = b"\0\0"
    octet_string = b"\x24\x80" + pieces + end
    content_info = b"\x30\x80" + forged.oid(forged.DATA) + b"\xa0\x80" + octet_string + end + end
    content = b"\x30\x80" + forged.integer(3) + content_info + end

    assert read(content).certificate == leaf.der


def test_safe_contents_within_safe_contents_are_read(leaf: Issued) -> None:
    inner = forged.sequence(forged.bag(forged.KEY_BAG, leaf.pkcs8))
    content = forged.pkcs12(
        forged.open_part(forged.bag(forged.SAFE_CONTENTS_BAG, inner), forged.certificate_bag(leaf.der))
    )
    assert read(content).private_key == leaf.pkcs8


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (element(0x1E, "Schlüssel ☺".encode("utf-16-be")), "Schlüssel ☺"),
        (element(0x1E, "ends\0".encode("utf-16-be")), "ends"),
        (element(tags.UTF8_STRING, b"utf-8"), "utf-8"),
        (element(0x1E, b"odd"), None),
        (element(0x1E, b"\xd8\x00"), None),
        (element(0x1E, "two\nlines".encode("utf-16-be")), None),
        (element(0x1E, b""), None),
        (element(tags.INTEGER, b"\x01"), None),
    ],
)
def test_a_friendly_name_that_is_not_usable_is_ignored(leaf: Issued, name: bytes, expected: str | None) -> None:
    key = forged.bag(forged.KEY_BAG, leaf.pkcs8)
    assert read(forged.pkcs12(forged.open_part(key, forged.certificate_bag(leaf.der, name)))).friendly_name == expected
    key = forged.bag(forged.KEY_BAG, leaf.pkcs8, name)
    assert read(forged.pkcs12(forged.open_part(key, forged.certificate_bag(leaf.der)))).friendly_name == expected


@pytest.mark.parametrize("form", ["PEM", "DER"])
def test_pkcs7_from_openssl_is_read(form: str, folder: Path, leaf: Issued, middle: Issued, root: Issued) -> None:
    content = openssl(
        "crl2pkcs7", "-nocrl", "-certfile", folder / "chain.pem", "-certfile", folder / "leaf.pem", "-outform", form
    )
    file = read(content, private_key=leaf.key_pem)

    assert (file.certificate, file.chain) == (leaf.der, (middle.der, root.der))
    assert read(content).certificate == leaf.der
    assert read(content).private_key is None


def test_der_is_read(leaf: Issued) -> None:
    assert read(leaf.der).certificate == leaf.der
    assert read(leaf.der, private_key=leaf.key_pem).private_key == leaf.pkcs8


def test_pem_is_read_in_any_order_with_text_between(leaf: Issued, middle: Issued, root: Issued) -> None:
    for blocks in itertools.permutations((leaf.pem, middle.pem, root.pem, leaf.key_pem)):
        file = read(b"Bag Attributes\r\n    0: text\n".join(blocks))
        assert (file.certificate, file.chain) == (leaf.der, (middle.der, root.der))
        assert file.private_key == leaf.pkcs8


@pytest.mark.parametrize(
    "changed",
    [
        lambda pem: pem.replace(b"\n", b"\r\n"),
        lambda pem: pem.replace(b"\n", b" \n"),
        lambda pem: b"\xef\xbb\xbf" + pem,
        lambda pem: b"0 s:CN = Leaf\n" + pem,
        lambda pem: pem.rstrip(b"\n"),
        lambda pem: pem.replace(b"CERTIFICATE", b"X509 CERTIFICATE"),
        lambda pem: pem.replace(b"-----\n", b"-----\nsubject: CN=Leaf\n\n", 1),
    ],
)
def test_pem_is_read_as_editors_and_programs_leave_it(changed: Callable[[bytes], bytes], leaf: Issued) -> None:
    assert read(changed(leaf.pem)).certificate == leaf.der


def test_a_trusted_certificate_of_openssl_is_read_without_its_trust(folder: Path, leaf: Issued) -> None:
    content = openssl("x509", "-in", folder / "leaf.pem", "-trustout", "-addtrust", "codeSigning")
    assert read(content).certificate == leaf.der


@pytest.mark.parametrize("key", [rsa_key(), ec.generate_private_key(ec.SECP384R1())], ids=["RSA", "EC"])
@pytest.mark.parametrize("password", [None, PASSWORD])
@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_private_keys_are_read_in_every_form(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, password: str | None, form: PrivateFormat
) -> None:
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


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "unreadable_file"),
        (b"\0", "unreadable_file"),
        (b"hello", "unreadable_file"),
        (b"\x30\x00", "unreadable_file"),
        (b"\x30\x80\0\0", "unreadable_file"),
        (b"{}", "unreadable_file"),
        (b"-----BEGIN CERTIFICATE-----\n", "unreadable_file"),
        (b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", "unreadable_file"),
        (b"-----BEGIN CERTIFICATE-----\nMII?\n-----END CERTIFICATE-----\n", "unreadable_file"),
        (b"-----BEGIN CERTIFICATE-----\nMAA=\n-----END X509 CRL-----\n", "unreadable_file"),
        (b"-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----\n", "no_certificate"),
        (b"-----BEGIN OPENSSH PRIVATE KEY-----\nMAA=\n-----END OPENSSH PRIVATE KEY-----\n", "unsupported_format"),
        (
            b"-----BEGIN PGP PUBLIC KEY BLOCK-----\nVersion: 2\n\nmQ==\n=ab/c\n-----END PGP PUBLIC KEY BLOCK-----\n",
            "unsupported_format",
        ),
        (bytes.fromhex("feedfeed00000002") + bytes(40), "unsupported_format"),
        (bytes.fromhex("cececece00000002") + bytes(40), "unsupported_format"),
        (bytes.fromhex("0000000200000014") + bytes(40), "unsupported_format"),
        (b"PuTTY-User-Key-File-3: ssh-rsa\n", "unsupported_format"),
        (b"ssh-ed25519 AAAAC3Nz me\n", "unsupported_format"),
        (b"---- BEGIN SSH2 PUBLIC KEY ----\n", "unsupported_format"),
        (b"PK\x03\x04", "unsupported_format"),
        (b'{"kty":"RSA"}', "unsupported_format"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_is_no_certificate_file_is_called_what_it_is(content: bytes, code: str) -> None:
    assert refusal(content) == code


def test_a_file_over_256_kib_is_not_read(leaf: Issued) -> None:
    limit = 256 * 1024
    assert read(leaf.pem + b" " * (limit - len(leaf.pem))).certificate == leaf.der
    assert refusal(leaf.pem + b" " * (limit + 1 - len(leaf.pem))) == "file_too_large"
    assert refusal(leaf.pem, private_key=" " * (limit + 1)) == "file_too_large"


# --- keys --------------------------------------------------------------------------------------------------------


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
    ("key", "algorithm"),
    [
        (rsa_key(2048), "RSA_2048"),
        (rsa_key(2176), "RSA_2176"),
        (rsa_key(3072), "RSA_3072"),
        (rsa_key(4096), "RSA_4096"),
        (rsa.generate_private_key(3, 2048), "RSA_2048"),
        (ec.generate_private_key(ec.SECP256R1()), "ECC_NIST_P256"),
        (ec.generate_private_key(ec.SECP384R1()), "ECC_NIST_P384"),
        (ec.generate_private_key(ec.SECP521R1()), "ECC_NIST_P521"),
        (ed25519.Ed25519PrivateKey.generate(), "ED25519"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_supported_key_comes_in_and_out_as_it_was(key: forged.AnyKey, algorithm: str) -> None:
    issued = issue("It", key=key)
    file = read(issued.pem + issued.key_pem)

    assert file.facts.key_algorithm == algorithm
    assert file.private_key is not None
    loaded = load_der_private_key(file.private_key, None)
    assert isinstance(loaded, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey)
    assert loaded.public_key() == key.public_key()


@pytest.mark.parametrize(
    "key",
    [
        rsa_key(4104),
        dsa.generate_private_key(2048),
        ec.generate_private_key(ec.SECP256K1()),
        ec.generate_private_key(ec.SECP224R1()),
        ec.generate_private_key(ec.BrainpoolP256R1()),
        ed448.Ed448PrivateKey.generate(),
        x25519.X25519PrivateKey.generate(),
    ],
    ids=lambda key: type(key).__name__,
)
def test_other_keys_are_not_supported_in_a_certificate_or_beside_one(key: PrivateKeyTypes, leaf: Issued) -> None:
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
for _n in range(2, 702):
    if all(_n % _d for _d in range(2, _n)):
        _PRIMORIAL *= _n


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


# --- the certificate that matters, and its path --------------------------------------------------------------------


def test_without_a_key_it_is_the_one_that_issued_none_of_the_others(leaf: Issued, middle: Issued, root: Issued) -> None:
    for blocks in itertools.permutations((leaf.pem, middle.pem, root.pem)):
        file = read(b"".join(blocks))
        assert (file.certificate, file.chain) == (leaf.der, (middle.der, root.der))
    assert read(middle.pem + root.pem).certificate == middle.der


def test_with_a_key_it_is_the_one_of_the_key_and_what_stands_below_is_dropped(
    leaf: Issued, middle: Issued, root: Issued
) -> None:
    stranger = issue("Stranger")
    file = read(leaf.pem + stranger.pem + root.pem + middle.pem + middle.key_pem)
    assert (file.certificate, file.chain) == (middle.der, (root.der,))


def test_several_end_entities_and_no_key_are_refused(leaf: Issued, middle: Issued) -> None:
    sister = issue("Sister", by=middle)
    assert refusal(leaf.pem + sister.pem + middle.pem) == "several_certificates"
    assert refusal(leaf.pem + issue("Stranger").pem) == "several_certificates"
    assert read(leaf.pem + sister.pem + middle.pem, private_key=sister.key_pem).certificate == sister.der


def test_two_certificates_of_the_key_are_refused(leaf: Issued, middle: Issued) -> None:
    renewed = issue("Leaf", by=middle, key=leaf.key)
    assert refusal(leaf.pem + renewed.pem + leaf.key_pem) == "several_certificates"


def test_the_same_certificate_twice_is_one(leaf: Issued) -> None:
    assert read(leaf.pem + leaf.pem).certificate == leaf.der


def test_a_name_alone_makes_no_issuer(leaf: Issued) -> None:
    impostor = issue("Middle")
    assert refusal(leaf.pem + impostor.pem) == "several_certificates"
    file = read(leaf.pem + impostor.pem, private_key=leaf.key_pem)
    assert file.chain == ()


def test_of_a_cross_signed_root_the_path_takes_the_one_that_ends_it(leaf: Issued, middle: Issued, root: Issued) -> None:
    other_root = issue("Other root")
    crossed = issue("Root", by=other_root, key=root.key)
    for blocks in itertools.permutations((middle.pem, root.pem, crossed.pem, other_root.pem)):
        file = read(leaf.pem + b"".join(blocks), private_key=leaf.key_pem)
        assert file.chain == (middle.der, root.der)
    assert read(leaf.pem + crossed.pem + other_root.pem + middle.pem).chain == (
        middle.der,
        crossed.der,
        other_root.der,
    )


def test_a_circle_of_issuers_ends() -> None:
    a, b = issue("A"), issue("B")
    a_by_b, b_by_a = issue("A", by=b, key=a.key), issue("B", by=a, key=b.key)
    leaf = issue("Leaf", by=a)

    assert read(leaf.pem + a_by_b.pem + b_by_a.pem).chain == (a_by_b.der, b_by_a.der)
    assert refusal(a_by_b.pem + b_by_a.pem) == "several_certificates"


def test_names_of_issuers_are_compared_as_rfc_5280_wants(root: Issued) -> None:
    child = issue("Child", by=root, issuer_name="  rOOT ")
    assert read(child.pem + root.pem).chain == (root.der,)


# --- facts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "serial", ["0", "1", "127", "128", "255", "256", "0x80", "0x7fff", "0xff00ff00ff00ff00ff", "-1", "-128", "-255"]
)
def test_facts_are_what_openssl_prints(serial: str, tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_bytes(rsa_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    pem = openssl(
        "req", "-x509", "-new", "-key", tmp_path / "key.pem", "-set_serial", serial, "-days", "30000", "-utf8",
        "-subj", '/C=DE/O=Müller, Söhne + Co./OU=a"b;c<d>e\\\\f/CN=#1 Jürgen ',
    )  # fmt: skip
    facts = read(pem).facts
    printed = dict(
        line.split("=", 1)
        for line in openssl(
            "x509", "-noout", "-serial", "-fingerprint", "-sha256", "-subject", "-nameopt", "RFC2253,-esc_msb,utf8",
            stdin=pem,
        ).decode().splitlines()
    )  # fmt: skip
    sha1 = openssl("x509", "-noout", "-fingerprint", "-sha1", stdin=pem).decode().strip().split("=")[1]

    assert facts.serial_number == printed["serial"]
    assert facts.thumbprint_sha256 == printed["sha256 Fingerprint"].replace(":", "")
    assert facts.thumbprint_sha1 == sha1.replace(":", "")
    assert facts.subject == facts.issuer == printed["subject"]
    assert facts.common_name == "#1 Jürgen "
    public_key = openssl("x509", "-noout", "-pubkey", stdin=pem)
    spki = openssl("pkey", "-pubin", "-outform", "DER", stdin=public_key)
    digest = openssl("dgst", "-sha256", stdin=spki).decode().split("= ")[1].strip()
    assert facts.spki_sha256 == digest.upper()


@pytest.mark.parametrize(
    ("encoded", "expected"),
    [
        (element(0x17, b"491231235959Z"), datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (element(0x17, b"500101000000Z"), datetime(1950, 1, 1, tzinfo=UTC)),
        (element(0x18, b"99991231235959Z"), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (element(0x18, b"19700101000000Z"), datetime(1970, 1, 1, tzinfo=UTC)),
    ],
)
def test_times_are_read_in_both_forms(encoded: bytes, expected: datetime) -> None:
    assert read(forged.certificate_of(not_after=encoded)).facts.not_after == expected


@pytest.mark.parametrize(
    "encoded",
    [
        element(0x17, b"250230000000Z"),
        element(0x17, b"250101000060Z"),
        element(0x17, b"2501010000Z"),
        element(0x17, b"250101000000+0100"),
        element(0x17, "\u0662\u0665Z".encode() * 3),
        element(0x18, b"00000101000000Z"),
        element(0x18, b"20250101000000.5Z"),
        element(0x18, b""),
        element(0x04, b"250101000000Z"),
    ],
)
def test_times_that_are_none_make_a_certificate_unreadable(encoded: bytes) -> None:
    assert refusal(forged.certificate_of(not_after=encoded)) == "unreadable_file"


def name(*values: bytes) -> bytes:
    return forged.sequence(*(element(tags.SET, forged.sequence(forged.oid("2.5.4.3"), value)) for value in values))


@pytest.mark.parametrize(
    ("subject", "text", "common_name"),
    [
        (name(), "", None),
        (name(element(tags.UTF8_STRING, b"")), "CN=", None),
        (name(element(0x14, b"J\xfcrgen")), "CN=Jürgen", "Jürgen"),
        (name(element(0x1E, "☺".encode("utf-16-be"))), "CN=☺", "☺"),
        (name(element(0x1C, "☺".encode("utf-32-be"))), "CN=☺", "☺"),
        (name(element(tags.UTF8_STRING, b"\xff\xfe")), "CN=#0c02fffe", None),
        (name(element(tags.BIT_STRING, b"\0bits")), "CN=#03050062697473", None),
        (name(element(tags.UTF8_STRING, b"a\0b\nc")), "CN=a\\00b\\0Ac", "a\0b\nc"),
        (
            name(element(tags.UTF8_STRING, b"general"), element(tags.UTF8_STRING, b"special")),
            "CN=special,CN=general",
            "special",
        ),
    ],
)
def test_names_are_read_in_whatever_they_are_encoded(subject: bytes, text: str, common_name: str | None) -> None:
    facts = read(forged.certificate_of(subject=subject)).facts
    assert facts.subject == text
    assert (facts.common_name or None) == common_name


@pytest.mark.parametrize("number", [0, 1, 2])
def test_versions_of_x509_are_read(number: int) -> None:
    assert read(forged.certificate_of(version=forged.explicit(0, forged.integer(number)))).certificate
    assert read(forged.certificate_of(version=b"")).certificate


@pytest.mark.parametrize("number", [-1, 3, 1 << 100])
def test_versions_that_are_none_are_refused(number: int) -> None:
    assert refusal(forged.certificate_of(version=forged.explicit(0, forged.integer(number)))) == "unreadable_file"


def test_an_extension_given_twice_or_broken_is_no_matter_of_the_import() -> None:
    twice = forged.extension("2.5.29.19", b"\x30\x00") * 2 + forged.extension("2.5.29.35", b"junk")
    assert read(forged.certificate_of(extensions=forged.sequence(twice))).certificate


# --- secrets -----------------------------------------------------------------------------------------------------


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
