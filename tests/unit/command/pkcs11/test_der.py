"""What the agent reads of certificates and signatures, held to another reader."""

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from signet_cli.pkcs11.der import DerError, EcPublicKey, RsaPublicKey, fixed_width_signature, read_certificate
from tests.support.certificates.issued import issue
from tests.support.programs.pkcs11_program import ec_certificate, rsa_certificate


def test_names_numbers_and_keys_are_those_of_the_certificate() -> None:
    issued = rsa_certificate()
    read = read_certificate(issued.der)
    numbers = issued.key.public_key().public_numbers()

    assert read.subject == issued.certificate.subject.public_bytes()
    assert read.issuer == issued.certificate.issuer.public_bytes()
    assert int.from_bytes(read.serial_number[2:], "big") == issued.certificate.serial_number
    assert read.common_name == "RSA of all tests"
    assert read.public_key == RsaPublicKey(numbers.n, numbers.e)
    assert read.public_key.bits == 2048


@pytest.mark.parametrize(("algorithm", "length"), [("ECC_NIST_P256", 32), ("ECC_NIST_P384", 48), ("ECC_NIST_P521", 66)])
def test_a_point_on_each_curve_is_read(algorithm: str, length: int) -> None:
    issued = issue(algorithm=algorithm)
    key = read_certificate(issued.der).public_key

    assert isinstance(key, EcPublicKey)
    assert key.coordinate_bytes == length
    assert key.point == issued.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def test_a_key_that_the_agent_cannot_sign_with_is_told_apart() -> None:
    assert read_certificate(issue(algorithm="ED25519").der).public_key is None


@settings(max_examples=150)
@given(at=st.integers(0, len(ec_certificate().der) - 1), value=st.integers(0, 255))
def test_a_certificate_with_one_wrong_byte_is_read_or_refused(at: int, value: int) -> None:
    der = bytearray(ec_certificate().der)
    der[at] = value

    try:
        read_certificate(bytes(der))
    except DerError:
        return


@settings(max_examples=100)
@given(st.binary(max_size=80))
def test_bytes_that_are_no_signature_are_refused_as_such(garbage: bytes) -> None:
    try:
        assert len(fixed_width_signature(garbage, 32)) == 64
    except DerError:
        return


@given(first=st.integers(1, 2**256 - 1), second=st.integers(1, 2**256 - 1))
@settings(max_examples=50)
def test_both_numbers_of_a_signature_are_as_long_as_the_field(first: int, second: int) -> None:
    signature = fixed_width_signature(encode_dss_signature(first, second), 32)

    assert (int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")) == (first, second)


def test_a_number_too_long_for_the_curve_is_refused() -> None:
    with pytest.raises(DerError):
        fixed_width_signature(encode_dss_signature(2**256, 1), 32)
