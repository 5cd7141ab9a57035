"""BER is read where tools write it, into the same values as DER; the rest of it is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet.adapters.certificate_files import ber
from signet.domain.asn1 import reader, tags
from signet.domain.asn1.reader import Asn1Error, Element
from signet.domain.asn1.writer import element

END = b"\x00\x00"


def indefinite(content: bytes, tag: int = tags.SEQUENCE) -> bytes:
    return bytes((tag, 0x80)) + content + END


def all_of(found: Element) -> object:
    """Tags and contents all the way down."""
    if not found.tag & tags.CONSTRUCTED:
        return found.tag, found.content
    return found.tag, [all_of(child) for child in found.children()]


leaves = st.builds(element, st.sampled_from((1, 2, 3, 4, 5, 6, 0x0C, 0x80)), st.binary(max_size=300))


def sequences(inner: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    return st.lists(inner, max_size=4).map(lambda children: element(tags.SEQUENCE, *children))


@given(st.recursive(leaves, sequences, max_leaves=8))
def test_what_is_der_is_the_same_in_ber(encoded: bytes) -> None:
    read = ber.parse(encoded)

    assert read.encoded == encoded
    assert all_of(read) == all_of(reader.parse(encoded))


@given(st.lists(leaves, max_size=4))
def test_an_indefinite_length_is_made_definite(children: list[bytes]) -> None:
    content = b"".join(children)
    encoded = indefinite(indefinite(content) + content)

    assert ber.parse(encoded).encoded == element(tags.SEQUENCE, element(tags.SEQUENCE, content), content)
    with pytest.raises(Asn1Error):
        reader.parse(encoded)


@pytest.mark.parametrize("length", [b"\x81\x02", b"\x82\x00\x02", b"\x84\x00\x00\x00\x02"])
def test_a_length_need_not_be_minimal_and_stays_as_it_was_written(length: bytes) -> None:
    encoded = bytes((tags.SEQUENCE,)) + length + b"\x05\x00"

    assert ber.parse(encoded).encoded == encoded
    assert [child.tag for child in ber.parse(encoded).children()] == [tags.NULL]


def test_an_octet_string_may_come_in_pieces_of_which_none_is_in_pieces_again() -> None:
    pieces = element(tags.OCTET_STRING, b"a") + element(tags.OCTET_STRING, b"bc")
    in_pieces = tags.OCTET_STRING | tags.CONSTRUCTED

    assert ber.parse(element(in_pieces, pieces)).octets() == b"abc"
    assert ber.parse(indefinite(pieces, in_pieces)).octets() == b"abc"
    with pytest.raises(Asn1Error):
        ber.parse(element(in_pieces, element(in_pieces, pieces))).octets()
    with pytest.raises(Asn1Error):
        reader.parse(element(in_pieces, pieces)).octets()


def nested(depth: int) -> bytes:
    encoded = b""
    for _ in range(depth):
        encoded = indefinite(encoded)
    return encoded


@pytest.mark.parametrize(
    "encoded",
    [
        nested(ber.MAX_INDEFINITE + 1),
        b"\x30\x80" * 100_000,
        b"\x30\x80",
        b"\x30\x80\x00",
        b"\x04\x80" + END,
        b"\x3f\x1f\x80" + END,
        b"\x1f\x1f\x00",
        b"\x30\x85\x00\x00\x00\x00\x00",
        b"\x30\xff",
        nested(1) + b"\x00",
    ],
    ids=lambda encoded: encoded[:8].hex(),
)
def test_what_is_neither_is_refused(encoded: bytes) -> None:
    with pytest.raises(Asn1Error):
        ber.parse(encoded)


def test_indefinite_lengths_are_followed_as_deep_as_is_bounded() -> None:
    assert ber.parse(nested(ber.MAX_INDEFINITE)).tag == tags.SEQUENCE
