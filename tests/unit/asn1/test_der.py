"""What is written is read again, and what is not DER is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet.domain.asn1 import reader, tags, writer


@given(st.integers(0, 30), st.one_of(st.binary(max_size=400), st.just(b"x" * 70_000)))
def test_a_value_is_read_as_it_was_written(tag: int, content: bytes) -> None:
    read = reader.parse(writer.element(tag, content))

    assert (read.tag, read.content) == (tag, content)


arcs = st.tuples(
    st.one_of(st.tuples(st.integers(0, 1), st.integers(0, 39)), st.tuples(st.just(2), st.integers(0, 2**70))),
    st.lists(st.integers(0, 2**70), max_size=4),
)


@given(arcs)
def test_an_object_identifier_is_read_as_it_was_written(parts: tuple[tuple[int, int], list[int]]) -> None:
    text = ".".join(map(str, (*parts[0], *parts[1])))

    assert reader.parse(writer.object_identifier(text)).oid() == text


@pytest.mark.parametrize(
    "encoded",
    [
        "",
        "04",
        "0402ff",
        "0480ff0000",
        "04810161",
        "0482000161",
        "0485010000000061",
        "1f0161",
        "1f1f0161",
        "04826161",
        "0401610401",
        "040161040161",
    ],
)
def test_what_is_not_der_is_refused(encoded: str) -> None:
    with pytest.raises(reader.Asn1Error):
        reader.parse(bytes.fromhex(encoded))


@pytest.mark.parametrize(
    "content", [b"", b"\x80", b"\x55\x84", b"\x80\x55\x04", b"\x55\x80\x04", b"\x55" + b"\x04" * 64]
)
def test_what_is_no_object_identifier_is_refused(content: bytes) -> None:
    with pytest.raises(reader.Asn1Error):
        reader.parse(writer.element(tags.OBJECT_IDENTIFIER, content)).oid()


def test_a_primitive_value_has_no_children() -> None:
    with pytest.raises(reader.Asn1Error, match="primitive"):
        reader.parse(writer.element(tags.OCTET_STRING, b"\x05\x00")).children()


@given(st.binary(max_size=60))
def test_any_bytes_are_der_or_refused(encoded: bytes) -> None:
    try:
        found = reader.parse(writer.element(tags.SEQUENCE, encoded)).children()
    except reader.Asn1Error:
        return
    assert b"".join(value.encoded for value in found) == encoded
    assert b"".join(writer.element(value.tag, value.content) for value in found) == encoded
