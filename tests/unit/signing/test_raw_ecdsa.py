"""ECDSA signatures as two numbers side by side, and as DER."""

import pytest

from signet.domain.signing.raw_ecdsa import der_of, raw_of


@pytest.mark.parametrize(
    ("key_algorithm", "size"), [("ECC_NIST_P256", 32), ("ECC_NIST_P384", 48), ("ECC_NIST_P521", 66)]
)
@pytest.mark.parametrize("first", ["00", "01", "7f", "80", "ff"])
def test_what_becomes_der_becomes_the_same_two_numbers_again(first: str, key_algorithm: str, size: int) -> None:
    number = bytes.fromhex(first) + b"\x01" * (size - 1)
    raw = number + bytes(reversed(number))

    der = der_of(raw)

    assert der is not None
    assert raw_of(der, key_algorithm) == raw


@pytest.mark.parametrize("octets", [0, 1, 63, 65, 66, 95, 97, 131, 133, 256])
def test_what_is_not_two_numbers_of_a_curve_is_none(octets: int) -> None:
    assert der_of(b"\x01" * octets) is None
