"""A PIN is kept only as something slow to search and useless to read."""

import base64
import hashlib
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signet.adapters.cryptography.pin_hasher import HASH_BYTES, SALT_BYTES, ScryptPinHasher
from signet.domain.errors import InvalidInputError
from signet.domain.signing.pin import Pin

hasher = ScryptPinHasher()
typable = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=4, max_size=64).filter(
    lambda text: 4 <= len(unicodedata.normalize("NFC", text)) <= 64
)


@settings(max_examples=6)
@given(typable, typable)
def test_a_pin_matches_its_hash_and_no_other_does(pin: str, other: str) -> None:
    kept = hasher.hash(Pin.parse(pin))

    assert hasher.matches(pin, kept)
    assert hasher.matches(other, kept) == (unicodedata.normalize("NFC", pin) == unicodedata.normalize("NFC", other))


def test_the_same_pin_from_another_keyboard_matches() -> None:
    kept = hasher.hash(Pin.parse("caf\u00e9"))

    assert hasher.matches("cafe\u0301", kept)


@pytest.mark.parametrize("text", ["", "1", "x" * 10_000, "\ud800\ud800\ud800\ud800", "1234\n", "\x001234"])
def test_whatever_is_sent_as_a_pin_is_at_worst_a_wrong_one(text: str) -> None:
    assert not hasher.matches(text, hasher.hash(Pin.parse("1234")))


def test_two_hashes_of_one_pin_differ_and_neither_shows_it() -> None:
    first, second = hasher.hash(Pin.parse("swordfish")), hasher.hash(Pin.parse("swordfish"))

    assert first != second
    assert "swordfish" not in first


def test_a_hash_states_its_parameters_so_that_they_can_be_raised() -> None:
    assert hasher.hash(Pin.parse("1234")).startswith("scrypt$15$8$1$")
    older = "scrypt$10$8$1$c2FsdHNhbHRzYWx0c2FsdA==$"
    digest = hashlib.scrypt(b"1234", salt=b"saltsaltsaltsalt", n=1024, r=8, p=1, dklen=32)
    assert hasher.matches("1234", older + base64.b64encode(digest).decode())


def test_a_hash_of_an_unknown_kind_is_no_wrong_pin_but_a_fault() -> None:
    with pytest.raises(ValueError, match="bcrypt"):
        hasher.matches("1234", "bcrypt$15$8$1$c2FsdA==$c2FsdA==")


def test_a_hash_takes_long_enough_to_be_worth_it() -> None:
    began = time.process_time()
    hasher.hash(Pin.parse("1234"))
    assert 0.02 < time.process_time() - began < 1.0


@pytest.mark.parametrize("text", ["", "123", "x" * 65, "e\u0301" * 3, "12\n34", "1234\x7f", "abc\ud800"])
def test_a_pin_of_another_length_or_with_control_characters_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        Pin.parse(text)
    assert refusal.value.errors[0].field == "pin"
    assert not text or text not in str(refusal.value)


@pytest.mark.parametrize("text", ["1234", "x" * 64, "😀😀😀😀", "e\u0301" * 64, "pass phrase"])
def test_4_to_64_characters_are_a_pin(text: str) -> None:
    assert 4 <= len(Pin.parse(text).text) <= 64


def test_a_pin_does_not_show_itself() -> None:
    assert "swordfish" not in repr(Pin.parse("swordfish")) + str(Pin.parse("swordfish"))


def test_a_pin_matches_only_if_every_byte_of_its_hash_does() -> None:
    salt = bytes(SALT_BYTES)
    digest = hashlib.scrypt(b"2468", salt=salt, n=2, r=1, p=1, dklen=HASH_BYTES)

    def matches(kept: bytes) -> bool:
        return ScryptPinHasher().matches(
            "2468", f"scrypt$1$1$1${base64.b64encode(salt).decode()}${base64.b64encode(kept).decode()}"
        )

    assert matches(digest)
    for place in range(HASH_BYTES):
        assert not matches(digest[:place] + bytes([digest[place] ^ 1]) + digest[place + 1 :])
