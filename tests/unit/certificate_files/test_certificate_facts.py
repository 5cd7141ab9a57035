"""What is read of a certificate: the facts that openssl prints, times, names and versions."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from signet.domain.asn1 import tags
from signet.domain.asn1.writer import element
from tests.support.certificates import forged_files as forged
from tests.support.certificates.forged_files import rsa_key
from tests.unit.certificate_files.reading import openssl, read, refusal


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
