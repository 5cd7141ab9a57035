"""The BER that some tools write in PKCS#7 and PKCS#12 (X.690, 8), on top of the reader of DER.

Three forms are read that DER forbids: lengths that are not minimal, lengths of the indefinite form, and OCTET STRINGs
that are cut into pieces. The rules for tags, numbers, identifiers, times and texts are those of DER.
"""

from signet.domain.asn1.reader import INDEFINITE, Asn1Error, Element, header
from signet.domain.asn1.tags import CONSTRUCTED, OCTET_STRING
from signet.domain.asn1.writer import element

MAX_INDEFINITE = 32
"""Indefinite lengths within indefinite lengths; real files have about six."""
_END_OF_CONTENTS = b"\x00\x00"


class BerElement(Element):
    """An element whose children may be BER too. Where its length was indefinite, `encoded` has the definite form."""

    __slots__ = ()

    def _child(self, at: int) -> tuple[Element, int]:
        return parse_first(self.content, at)

    def octets(self, tag: int = OCTET_STRING) -> bytes:
        """An OCTET STRING, perhaps cut into pieces (X.690, 8.7.3)."""
        if self.tag == tag | CONSTRUCTED:
            return b"".join(piece.expect(OCTET_STRING).content for piece in self.children())
        return self.expect(tag).content


def parse(data: bytes) -> BerElement:
    """The one element that `data` is, without anything behind it.

    Raises:
        Asn1Error: `data` is not that.
    """
    found, end = parse_first(data)
    if end != len(data):
        raise Asn1Error("There are bytes behind the end.")
    return found


def parse_first(data: bytes, start: int = 0, *, depth: int = 0) -> tuple[BerElement, int]:
    """The element that `data` has at `start`, inside `depth` indefinite lengths, and where it ends.

    Raises:
        Asn1Error: there is none.
    """
    tag, at, length = header(data, start)
    if length == INDEFINITE:
        return _of_indefinite_length(data, tag, at, depth)
    end = at + length
    return BerElement(tag, data[at:end], data[start:end]), end


def _of_indefinite_length(data: bytes, tag: int, at: int, depth: int) -> tuple[BerElement, int]:
    """The element whose content starts at `at` and ends with two zero octets (X.690, 8.1.3.6), made definite."""
    if depth >= MAX_INDEFINITE or not tag & CONSTRUCTED:
        raise Asn1Error("An indefinite length stands where none is read.")
    pieces: list[bytes] = []
    while data[at : at + 2] != _END_OF_CONTENTS:
        child, at = parse_first(data, at, depth=depth + 1)
        pieces.append(child.encoded)
    content = b"".join(pieces)
    return BerElement(tag, content, element(tag, content)), at + 2
