"""Signatures of ML-DSA are those of FIPS 204, by the word of another implementation."""

import hashlib

import pytest
from cryptography.hazmat.primitives.serialization import load_der_private_key

from signet.adapters.cryptography.signing_keys import SigningKey
from signet.domain.errors import AlgorithmMismatchError, DigestLengthError
from signet.domain.signing.digest import digest_of, fitting
from signet.domain.signing.key_algorithm import SIGNING_ALGORITHMS
from tests.support.certificates.issued import ML_DSA_ALGORITHMS
from tests.support.certificates.ml_dsa import is_signature, mu_of
from tests.unit.signing.signing_material import DIGEST, EXTERNAL_MU, MESSAGE, RAW

ML_DSA = SIGNING_ALGORITHMS["ML_DSA_SHAKE_256"]
of_each = pytest.mark.parametrize("key_algorithm", ML_DSA_ALGORITHMS)


@of_each
@pytest.mark.parametrize("message", [MESSAGE, b"", bytes(100_000)], ids=["short", "empty", "long"])
def test_a_message_is_signed(key_algorithm: str, message: bytes, keys: dict[str, bytes]) -> None:
    signature = SigningKey.load(keys[key_algorithm]).sign(message, ML_DSA, RAW)

    public_key = load_der_private_key(keys[key_algorithm], None).public_key()
    assert is_signature(public_key, message, signature)
    assert not is_signature(public_key, message + b"!", signature)


@of_each
def test_what_was_hashed_before_is_signed_as_the_message_is(key_algorithm: str, keys: dict[str, bytes]) -> None:
    public_key = load_der_private_key(keys[key_algorithm], None).public_key()

    signature = SigningKey.load(keys[key_algorithm]).sign(mu_of(public_key, MESSAGE), ML_DSA, EXTERNAL_MU)

    assert is_signature(public_key, MESSAGE, signature)


def test_no_two_signatures_are_the_same(keys: dict[str, bytes]) -> None:
    key = SigningKey.load(keys["ML_DSA_65"])

    assert key.sign(MESSAGE, ML_DSA, RAW) != key.sign(MESSAGE, ML_DSA, RAW)


@pytest.mark.parametrize("length", [0, 32, 63, 65, 128])
def test_what_was_hashed_before_has_64_bytes(length: int, keys: dict[str, bytes]) -> None:
    with pytest.raises(DigestLengthError, match=f"64 bytes long; this one is {length}"):
        SigningKey.load(keys["ML_DSA_44"]).sign(bytes(length), ML_DSA, EXTERNAL_MU)


def test_a_digest_is_not_signed(keys: dict[str, bytes]) -> None:
    with pytest.raises(AlgorithmMismatchError, match="must be RAW or EXTERNAL_MU"):
        SigningKey.load(keys["ML_DSA_87"]).sign(bytes(64), ML_DSA, DIGEST)


@pytest.mark.parametrize(
    ("key_algorithm", "name", "must"),
    [
        ("RSA_2048", "RSASSA_PSS_SHA_512", "RAW or DIGEST"),
        ("ECC_NIST_P256", "ECDSA_SHA_512", "RAW or DIGEST"),
        ("ED25519", "ED25519_SHA_512", "RAW"),
    ],
)
def test_other_keys_do_not_sign_what_was_hashed_for_ml_dsa(key_algorithm: str, name: str, must: str) -> None:
    with pytest.raises(AlgorithmMismatchError, match=f"must be {must}\\.$"):
        fitting(name, key_algorithm, EXTERNAL_MU)


def test_the_record_has_the_hash_of_the_message_or_what_came_in_its_place() -> None:
    assert digest_of(MESSAGE, ML_DSA, RAW) == hashlib.shake_256(MESSAGE).digest(64)
    assert digest_of(bytes(range(64)), ML_DSA, EXTERNAL_MU) == bytes(range(64))
