"""Read ASN.1 from untrusted files: DER strictly, and the BER that some tools use in PKCS#7 and PKCS#12 (X.690).

Nothing recurses over what the input nests: an element's children are read when they are asked for, by code that knows
how deep it looks. Only lengths of the indefinite form must be followed to their end, and those to `MAX_INDEFINITE`.
"""
# The bits and bounds of X.690 are what this module is about; each stands where its rule is.

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from signet.domain.x509.der import (
    BIT_STRING,
    BOOLEAN,
    INTEGER,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    SET,
    STRING_ENCODINGS,
    element,
)

__all__ = [
    "BIT_STRING",
    "BMP_STRING",
    "BOOLEAN",
    "GENERALIZED_TIME",
    "IA5_STRING",
    "INTEGER",
    "NULL",
    "OBJECT_IDENTIFIER",
    "OCTET_STRING",
    "SEQUENCE",
    "SET",
    "UTC_TIME",
    "UTF8_STRING",
    "VISIBLE_STRING",
    "Asn1Error",
    "Element",
    "Fields",
    "algorithm",
    "context",
    "parse",
    "parse_first",
]

NULL = 0x05
UTF8_STRING = 0x0C
IA5_STRING = 0x16
VISIBLE_STRING = 0x1A
UTC_TIME = 0x17
GENERALIZED_TIME = 0x18
BMP_STRING = 0x1E

CONSTRUCTED = 0x20
MAX_INDEFINITE = 32
"""Indefinite lengths within indefinite lengths; real files have about six."""
MAX_OID_BYTES = 64
"""Longer than any object identifier in use, short enough to be written in decimal at once."""


class Asn1Error(ValueError):
    """Not the ASN.1 that was expected here."""


def context(number: int, *, constructed: bool = True) -> int:
    """The tag `[number]`; IMPLICIT of a primitive type is not `constructed`."""
    return 0x80 | number | (CONSTRUCTED if constructed else 0)


@dataclass(frozen=True, slots=True)
class Element:
    """One tag with its content."""

    tag: int
    """The identifier octets as a number, class and form included: 0x30 for a SEQUENCE."""
    content: bytes = field(repr=False)
    encoded: bytes = field(repr=False)
    """Header and content; of an indefinite length, what it is in the definite form."""
    ber: bool
    """Whether the children may be BER too."""

    def children(self) -> list["Element"]:
        """Everything inside, in order."""
        if not self.tag & CONSTRUCTED:
            raise Asn1Error("A primitive element has no children.")
        return list(_elements(self.content, ber=self.ber))

    def fields(self, tag: int | None = SEQUENCE) -> "Fields":
        """The children, to be taken one by one; `tag` is what this element must be."""
        if tag is not None:
            self.expect(tag)
        return Fields(self.children())

    def only(self) -> "Element":
        """The one child, of an EXPLICIT tag."""
        fields = self.fields(tag=None)
        child = fields.take()
        fields.end()
        return child

    def expect(self, tag: int) -> "Element":
        """This element, if it is a `tag`."""
        if self.tag != tag:
            raise Asn1Error(f"Expected the tag {tag:#04x}, got {self.tag:#04x}.")
        return self

    def integer(self, tag: int = INTEGER) -> int:
        """An INTEGER, minimal as X.690, 8.3.2 wants it."""
        content = self.expect(tag).content
        if not content or (len(content) > 1 and (content[0], content[1] >> 7) in {(0x00, 0), (0xFF, 1)}):
            raise Asn1Error("The INTEGER is not minimal.")
        return int.from_bytes(content, signed=True)

    def boolean(self, tag: int = BOOLEAN) -> bool:
        """A BOOLEAN of DER: 0x00 or 0xFF."""
        content = self.expect(tag).content
        if content not in (b"\x00", b"\xff"):
            raise Asn1Error("The BOOLEAN is neither true nor false.")
        return content == b"\xff"

    def oid(self, tag: int = OBJECT_IDENTIFIER) -> str:
        """An OBJECT IDENTIFIER as dotted decimal."""
        content = self.expect(tag).content
        if not content or len(content) > MAX_OID_BYTES or content[-1] & 0x80:
            raise Asn1Error("The OBJECT IDENTIFIER is empty, too long or cut off.")
        arcs: list[int] = []
        arc = 0
        for octet in content:
            if arc == 0 and octet == 0x80:
                raise Asn1Error("The OBJECT IDENTIFIER is not minimal.")
            arc = arc << 7 | octet & 0x7F
            if not octet & 0x80:
                arcs.append(arc)
                arc = 0
        root = min(arcs[0] // 40, 2)
        return ".".join(map(str, (root, arcs[0] - 40 * root, *arcs[1:])))

    def octets(self, tag: int = OCTET_STRING) -> bytes:
        """An OCTET STRING; in BER perhaps cut into pieces (X.690, 8.7.3)."""
        if self.ber and self.tag == tag | CONSTRUCTED:
            return b"".join(piece.expect(OCTET_STRING).content for piece in self.children())
        return self.expect(tag).content

    def bit_string(self, tag: int = BIT_STRING) -> bytes:
        """A BIT STRING of whole bytes, as keys and signatures are."""
        content = self.expect(tag).content
        if not content or content[0] != 0:
            raise Asn1Error("The BIT STRING is not made of whole bytes.")
        return content[1:]

    def named_bits(self, tag: int = BIT_STRING) -> list[int]:
        """The numbers of the bits that are set, bit 0 first."""
        content = self.expect(tag).content
        if not 1 <= len(content) <= 9 or content[0] > 7 or (len(content) == 1 and content[0]):
            raise Asn1Error("The BIT STRING is empty, too long or has more unused bits than bits.")
        return [bit for bit in range(8 * (len(content) - 1)) if content[1 + bit // 8] >> (7 - bit % 8) & 1]

    def text(self) -> str:
        """A character string of any of the types that certificates use."""
        encoding = STRING_ENCODINGS.get(self.tag)
        if encoding is None:
            raise Asn1Error(f"The tag {self.tag:#04x} is not a character string.")
        try:
            return self.content.decode(encoding)
        except UnicodeDecodeError:
            raise Asn1Error("The character string is not in its own encoding.") from None

    def time(self) -> datetime:
        """A UTCTime or GeneralizedTime in the form of RFC 5280, 4.1.2.5: seconds, no fraction, `Z`."""
        digits = self.content[:-1]
        if self.content[-1:] != b"Z" or not digits.isdigit():
            raise Asn1Error("The time is not made of digits and a Z.")
        if self.tag == UTC_TIME and len(digits) == len("YYMMDDhhmmss"):
            digits = (b"19" if digits >= b"5" else b"20") + digits
        elif self.tag != GENERALIZED_TIME or len(digits) != len("YYYYMMDDhhmmss"):
            raise Asn1Error("The time is of neither form.")
        year, rest = int(digits[:4]), [int(digits[at : at + 2]) for at in range(4, 14, 2)]
        try:
            return datetime(year, *rest, tzinfo=UTC)  # type: ignore[misc,arg-type]  # exactly five are left
        except ValueError:
            raise Asn1Error("There is no such day or time of day.") from None


class Fields:
    """The children of an element, taken in order as a SEQUENCE's definition lists them."""

    def __init__(self, children: list[Element]) -> None:
        self._children = children
        self._next = 0

    def take(self, tag: int | None = None) -> Element:
        """The next one, which must be there, and must be a `tag`."""
        if self._next >= len(self._children):
            raise Asn1Error("A field is missing.")
        child = self._children[self._next]
        if tag is not None:
            child.expect(tag)
        self._next += 1
        return child

    def take_if(self, *tags: int) -> Element | None:
        """The next one if it is one of `tags`: an OPTIONAL field."""
        if self._next < len(self._children) and self._children[self._next].tag in tags:
            return self.take()
        return None

    def rest(self) -> list[Element]:
        """All that are left."""
        left = self._children[self._next :]
        self._next = len(self._children)
        return left

    def end(self) -> None:
        """Nothing may be left."""
        if self._next < len(self._children):
            raise Asn1Error("There is a field too many.")


def parse(data: bytes, *, ber: bool = False) -> Element:
    """The one element that `data` is, without anything behind it.

    Raises:
        Asn1Error: `data` is not that.
    """
    found, end = _element(data, 0, ber=ber)
    if end != len(data):
        raise Asn1Error("There are bytes behind the end.")
    return found


def parse_first(data: bytes, *, ber: bool = False) -> tuple[Element, int]:
    """The element that `data` begins with, and where it ends."""
    return _element(data, 0, ber=ber)


def algorithm(identifier: Element) -> tuple[str, Element | None]:
    """The object identifier of an AlgorithmIdentifier, and its parameters (RFC 5280, 4.1.1.2)."""
    fields = identifier.fields()
    oid, rest = fields.take().oid(), fields.rest()
    return oid, rest[0] if rest else None


def _elements(data: bytes, *, ber: bool) -> Iterator[Element]:
    at = 0
    while at < len(data):
        found, at = _element(data, at, ber=ber)
        yield found


def _element(data: bytes, start: int, *, ber: bool, depth: int = 0) -> tuple[Element, int]:
    """The element at `start`, and where it ends."""
    tag, content_start, length = _header(data, start, ber=ber)
    if length is None:
        return _of_indefinite_length(data, tag, content_start, depth)
    end = content_start + length
    if end > len(data):
        raise Asn1Error(f"An element is cut off: it states {length} bytes, and {len(data) - content_start} are there.")
    return Element(tag, data[content_start:end], data[start:end], ber), end


def _of_indefinite_length(data: bytes, tag: int, at: int, depth: int) -> tuple[Element, int]:
    """The element whose content starts at `at` and ends with two zero octets (X.690, 8.1.3.6), made definite."""
    if depth >= MAX_INDEFINITE or not tag & CONSTRUCTED or tag > 0xFF:
        raise Asn1Error("An indefinite length stands where none is read.")
    pieces: list[bytes] = []
    while data[at : at + 2] != b"\x00\x00":
        child, at = _element(data, at, ber=True, depth=depth + 1)
        pieces.append(child.encoded)
    content = b"".join(pieces)
    return Element(tag, content, element(tag, content), ber=True), at + 2


def _header(data: bytes, at: int, *, ber: bool) -> tuple[int, int, int | None]:
    """Tag, where the content starts, and its length; None for the indefinite form."""
    try:
        tag = data[at]
        at += 1
        if tag & 0x1F == 0x1F:
            tag, at = _high_tag(data, tag, at)
        first = data[at]
        at += 1
    except IndexError:
        raise Asn1Error("The header is cut off.") from None
    if first < 0x80:
        return tag, at, first
    if first == 0x80:
        if not ber:
            raise Asn1Error("DER has no indefinite length.")
        return tag, at, None
    size = first & 0x7F
    octets = data[at : at + size]
    if size > 4 or len(octets) < size:
        raise Asn1Error("The length is too long or cut off.")
    length = int.from_bytes(octets)
    if not ber and (length < 0x80 or octets[0] == 0):
        raise Asn1Error("The length is not minimal.")
    return tag, at + size, length


def _high_tag(data: bytes, tag: int, at: int) -> tuple[int, int]:
    """A tag number above 30 takes more octets (X.690, 8.1.2.4); at most three are read."""
    for _ in range(3):
        octet = data[at]
        tag, at = tag << 8 | octet, at + 1
        if octet < 0x80:
            return tag, at
    raise Asn1Error("The tag number is too long.")
