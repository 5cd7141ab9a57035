"""Bytes in JSON: read strictly, and whoever sends something else is told what to encode."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet.api.reading.base64_text import decoded
from signet.domain.errors import InvalidInputError


@given(st.binary(max_size=100))
def test_what_was_encoded_is_read(content: bytes) -> None:
    assert decoded(base64.b64encode(content).decode(), "content", of="the file") == content


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "encode it once more"),
        ("AAAA\nAAAA", "without line breaks"),
        ("AAAA ", "without line breaks"),
        ("_-_-", "URL-safe"),
        ("AAA", "padding"),
        ("AAA==", "padding"),
        ("AB==", "no bits to spare"),
        ("AAAA=", "padding"),
        ("AA=A", "not in its alphabet"),
        ("AAA!", "not in its alphabet"),
        ("ÄÄÄÄ", "not in its alphabet"),
        ("\ud800", "not in its alphabet"),
    ],
)
def test_anything_else_is_refused_with_what_to_encode_and_how(text: str, says: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        decoded(text, "content", of="the bytes of the file")

    (error,) = caught.value.errors
    assert error.field == "content"
    assert error.message.startswith("must be the bytes of the file in standard base64")
    assert says in error.message
