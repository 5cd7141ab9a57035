"""As much of DER (X.690) as a name and a certification request need."""

from collections.abc import Iterator
from dataclasses import dataclass, field

BOOLEAN = 0x01
INTEGER = 0x02
BIT_STRING = 0x03
OCTET_STRING = 0x04
NULL = 0x05
OBJECT_IDENTIFIER = 0x06
UTF8_STRING = 0x0C
PRINTABLE_STRING = 0x13
IA5_STRING = 0x16
SEQUENCE = 0x30
SET = 0x31


def context(number: int) -> int:
    """The tag `[number]` of a constructed value."""
    return 0xA0 | number


# Longer lengths are written as the number of their octets, with this bit set (X.690, 8.1.3.5).
LONG_LENGTH = 0x80
# Four octets state four gigabytes, more than anybody sends here.
MAX_LENGTH_OCTETS = 4
# All five bits set: the tag's number follows in octets of its own (X.690, 8.1.2.4).
LONG_TAG = 0x1F

STRING_ENCODINGS = {
    UTF8_STRING: "utf-8",
    0x12: "ascii",  # NumericString
    PRINTABLE_STRING: "ascii",
    0x14: "latin-1",  # TeletexString, which everybody fills with Latin-1
    IA5_STRING: "ascii",
    0x1A: "ascii",  # VisibleString
    0x1C: "utf-32-be",  # UniversalString
    0x1E: "utf-16-be",  # BMPString
}
"""The tags of character strings, and how Python calls their encodings."""


class MalformedDerError(ValueError):
    """The bytes are not the DER that was expected of them."""


@dataclass(frozen=True, slots=True)
class Element:
    """One value: its tag, what is inside, and the whole as it was written."""

    tag: int
    content: bytes
    encoded: bytes = field(repr=False)

    @property
    def children(self) -> tuple["Element", ...]:
        """The elements inside, if this is a constructed value."""
        return tuple(elements(self.content))


def element(tag: int, *contents: bytes) -> bytes:
    """The encoding of a value with `tag` that holds `contents`, one after the other."""
    content = b"".join(contents)
    length = len(content)
    if length < LONG_LENGTH:
        return bytes((tag, length)) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, LONG_LENGTH | len(octets))) + octets + content


def elements(encoded: bytes) -> Iterator[Element]:
    """The values that stand in `encoded` one after the other, with nothing left over.

    Raises:
        MalformedDerError: they do not fill it exactly, or use long tags or indefinite lengths.
    """
    position = 0
    while position < len(encoded):
        start = position
        if position + 2 > len(encoded):
            raise MalformedDerError("The value ends in the middle of its header.")
        tag, length = encoded[position], encoded[position + 1]
        position += 2
        if tag & LONG_TAG == LONG_TAG:
            raise MalformedDerError("The tag is longer than a byte.")
        if length >= LONG_LENGTH:
            octets = length - LONG_LENGTH
            if not 1 <= octets <= MAX_LENGTH_OCTETS or position + octets > len(encoded):
                raise MalformedDerError("The length is indefinite, or too long.")
            length = int.from_bytes(encoded[position : position + octets], "big")
            if length < LONG_LENGTH or length.bit_length() <= 8 * (octets - 1):
                raise MalformedDerError("The length is not written in the shortest way.")
            position += octets
        if position + length > len(encoded):
            raise MalformedDerError("The value ends before its length says.")
        content = encoded[position : position + length]
        position += length
        yield Element(tag, content, encoded[start:position])


def only_element(encoded: bytes) -> Element:
    """The one value that `encoded` is, or MalformedDerError."""
    found = tuple(elements(encoded))
    if len(found) != 1:
        raise MalformedDerError(f"Expected one value, got {len(found)}.")
    return found[0]


def text_of(value: Element) -> str | None:
    """What a character string says; None if it is something else, or broken."""
    encoding = STRING_ENCODINGS.get(value.tag)
    if encoding is None:
        return None
    try:
        return value.content.decode(encoding)
    except UnicodeDecodeError:
        return None


def object_identifier(dotted: str) -> bytes:
    """The encoding of an object identifier, given as `2.5.4.3`."""
    first, second, *others = (int(arc) for arc in dotted.split("."))
    return element(OBJECT_IDENTIFIER, *(_base128(arc) for arc in (first * 40 + second, *others)))


def dotted(content: bytes) -> str:
    """An object identifier as `2.5.4.3`, given the content of its encoding."""
    arcs, arc = [], 0
    for position, octet in enumerate(content):
        arc = arc << 7 | octet & 0x7F
        if not octet & 0x80:
            arcs.append(arc)
            arc = 0
        elif position == len(content) - 1:
            raise MalformedDerError("The object identifier ends in the middle of an arc.")
    if not arcs:
        raise MalformedDerError("The object identifier is empty.")
    first = min(arcs[0] // 40, 2)
    return ".".join(str(arc) for arc in (first, arcs[0] - 40 * first, *arcs[1:]))


def _base128(number: int) -> bytes:
    octets = [number & 0x7F]
    while number := number >> 7:
        octets.append(0x80 | number & 0x7F)
    return bytes(reversed(octets))
