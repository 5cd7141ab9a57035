"""Files in PKCS#12, PKCS#7, DER and PEM as openssl writes them, and what is no certificate file."""

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)

from signet.domain.asn1 import tags
from signet.domain.asn1.writer import element
from tests.support.certificates import forged_files as forged
from tests.support.certificates.forged_files import Issued, rsa_key
from tests.unit.certificate_files.reading import PASSWORD, openssl, read, refusal


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


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "cp1252"])
def test_a_key_encrypted_under_the_terminal_s_own_bytes_opens_with_the_password_as_typed(
    encoding: str, leaf: Issued
) -> None:
    password = "Grüße" if encoding == "latin-1" else "Grüße für 5€"
    encryption = BestAvailableEncryption(password.encode(encoding))
    pem = leaf.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption).decode()
    assert read(leaf.pem, None, pem, password).private_key == leaf.pkcs8


def test_a_password_typed_with_its_accents_apart_opens_what_was_written_with_them_composed(leaf: Issued) -> None:
    encryption = BestAvailableEncryption("für".encode())
    pem = leaf.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption).decode()
    assert read(leaf.pem, None, pem, "fu\u0308r").private_key == leaf.pkcs8


GUID = "7f3a1c9e-52d4-4b8e-9a61-0c2d5e8f7b13"


@pytest.mark.parametrize(
    "container",
    [
        f"{{{GUID.upper()}}}",
        GUID,
        f"te-{GUID}",
        f"le-WebServer-{GUID}",
        f"tp-{GUID}",
        f"le-{GUID.upper()}",
        f"PvkTmp:{GUID}",
        f"0123456789abcdef0123456789abcdef_{GUID}",
    ],
)
def test_the_name_of_a_key_container_is_no_name(container: str, leaf: Issued) -> None:
    name = element(0x1E, container.encode("utf-16-be"))
    bags = (forged.certificate_bag(leaf.der), forged.bag(forged.KEY_BAG, leaf.pkcs8, name))
    assert read(forged.pkcs12(forged.open_part(*bags))).friendly_name is None


@pytest.mark.parametrize("name", ["te-st", "le-mans", f"Release {GUID}", "{curly}"])
def test_a_name_that_only_begins_like_that_of_a_container_is_one(name: str, leaf: Issued) -> None:
    bags = (
        forged.certificate_bag(leaf.der),
        forged.bag(forged.KEY_BAG, leaf.pkcs8, element(0x1E, name.encode("utf-16-be"))),
    )
    assert read(forged.pkcs12(forged.open_part(*bags))).friendly_name == name
