"""Thumbprints and serial numbers are read as other programs write them."""

import pytest

from signet.domain.certificates.certificate_marks import parse_serial_number, parse_thumbprint

SHA1 = "5E" * 19 + "0A"


@pytest.mark.parametrize(
    "text",
    [
        SHA1,
        SHA1.lower(),
        ":".join(SHA1[place : place + 2] for place in range(0, 40, 2)),
        "\u200e" + " ".join(SHA1[place : place + 2] for place in range(0, 40, 2)).lower(),
    ],
)
def test_a_thumbprint_is_read_as_openssl_windows_and_browsers_write_it(text: str) -> None:
    assert parse_thumbprint(text) == SHA1


def test_a_sha_256_is_a_thumbprint_too() -> None:
    assert parse_thumbprint("ab" * 32) == "AB" * 32


@pytest.mark.parametrize("text", ["", "5E", "5E" * 16, "5G" * 20, "5E" * 33, SHA1 + "0", "null"])
def test_what_is_no_thumbprint_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="SHA-1 or SHA-256"):
        parse_thumbprint(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3f0a", "3F0A"),
        ("3F:0A", "3F0A"),
        ("00:f1", "F1"),
        ("f1", "F1"),
        ("1F0", "01F0"),
        ("1", "01"),
        ("00", "00"),
        ("-1f", "-1F"),
    ],
)
def test_a_serial_number_is_read_as_openssl_writes_it(text: str, number: str) -> None:
    assert parse_serial_number(text) == number


@pytest.mark.parametrize("text", ["", "-", "0x1F", "xyz", "1" * 82, "null"])
def test_what_is_no_serial_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="hexadecimal"):
        parse_serial_number(text)
