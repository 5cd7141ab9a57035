"""Read DER, strictly, from whoever sent it (X.690, 8 to 11). There is no other reader of DER in the service.

Nothing recurses over what the input nests: the children of an element are read when they are asked for, by code that
knows how deep it looks. A length is compared with what is there before anything is cut out. `ber` of the file reader
stands on the same header and the same `Element`, and only adds the forms that BER has beyond DER.
"""
# The bits and bounds of X.690 are what this module is about; each stands where its rule is.

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from signet.domain.asn1.tags import (
    BIT_STRING,
    BOOLEAN,
    CONSTRUCTED,
    GENERALIZED_TIME,
    INTEGER,
    NUMBER,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    STRING_ENCODINGS,
    UTC_TIME,
)

INDEFINITE = -1
"""The length of a value that ends with two zero octets (X.690, 8.1.3.6), which only BER has."""
MAX_LENGTH_OCTETS = 4
"""They state four gigabytes, more than anybody sends here."""
MAX_OID_BYTES = 64
"""Longer than any object identifier in use, short enough to be written in decimal at once."""


class Asn1Error(ValueError):
    """Not the ASN.1 that was expected here."""


@dataclass(frozen=True, slots=True)
class Element:
    """One value: its tag, and what is inside."""

    tag: int
    """The identifier octet, class and form included: 0x30 for a SEQUENCE."""
    content: bytes = field(repr=False)
    encoded: bytes = field(repr=False)
    """Header and content, as they were written."""

    def children(self) -> Sequence["Element"]:
        """Everything inside, in order."""
        if not self.tag & CONSTRUCTED:
            raise Asn1Error("A primitive element has no children.")
        children, at, end = [], 0, len(self.content)
        while at < end:
            child, at = self._child(at)
            children.append(child)
        return children

    def _child(self, at: int) -> tuple["Element", int]:
        """The child at `at` of the content, and where it ends."""
        return parse_first(self.content, at)

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
        """A BOOLEAN of DER: 0x00 or 0xFF (X.690, 11.1)."""
        content = self.expect(tag).content
        if content not in (b"\x00", b"\xff"):
            raise Asn1Error("The BOOLEAN is neither true nor false.")
        return content == b"\xff"

    def oid(self, tag: int = OBJECT_IDENTIFIER) -> str:
        """An OBJECT IDENTIFIER as `2.5.4.3`, each arc minimal as X.690, 8.19.2 wants it."""
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
        """An OCTET STRING."""
        return self.expect(tag).content

    def bit_string(self, tag: int = BIT_STRING) -> bytes:
        """A BIT STRING of whole bytes, as keys and signatures are."""
        content = self.expect(tag).content
        if not content or content[0] != 0:
            raise Asn1Error("The BIT STRING is not made of whole bytes.")
        return content[1:]

    def named_bits(self, tag: int = BIT_STRING) -> list[int]:
        """The numbers of the bits that are set, bit 0 first. Issuers write zeros behind the last one: let pass."""
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

    def __init__(self, children: Sequence[Element]) -> None:
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

    def rest(self) -> Sequence[Element]:
        """All that are left."""
        left = self._children[self._next :]
        self._next = len(self._children)
        return left

    def end(self) -> None:
        """Nothing may be left."""
        if self._next < len(self._children):
            raise Asn1Error("There is a field too many.")


def parse(data: bytes) -> Element:
    """The one element that `data` is, without anything behind it.

    Raises:
        Asn1Error: `data` is not that.
    """
    found, end = parse_first(data)
    if end != len(data):
        raise Asn1Error("There are bytes behind the end.")
    return found


def parse_first(data: bytes, start: int = 0) -> tuple[Element, int]:
    """The element that `data` has at `start`, and where it ends.

    Raises:
        Asn1Error: there is none.
    """
    tag, at, length = header(data, start)
    if length == INDEFINITE:
        raise Asn1Error("DER has no indefinite length.")
    octets = at - start - 2
    if octets and (length < 0x80 or length >> 8 * (octets - 1) == 0):
        raise Asn1Error("The length is not minimal.")
    end = at + length
    return Element(tag, data[at:end], data[start:end]), end


def header(data: bytes, start: int) -> tuple[int, int, int]:
    """The tag at `start`, where its content begins, and the content's length, all of which is there, or INDEFINITE.

    Neither form of the length is judged here. A tag number above 30 is read nowhere: no structure of X.509, PKCS#7,
    PKCS#8 or PKCS#12 has one.

    Raises:
        Asn1Error: there is no such header, or less behind it than it states.
    """
    at = start + 2
    if at > len(data):
        raise Asn1Error("The header is cut off.")
    tag, length = data[start], data[start + 1]
    if tag & NUMBER == NUMBER:
        raise Asn1Error("The tag number is above 30.")
    if length == 0x80:
        return tag, at, INDEFINITE
    if length > 0x80:
        octets = length & 0x7F
        if octets > MAX_LENGTH_OCTETS or at + octets > len(data):
            raise Asn1Error("The length is too long or cut off.")
        length = int.from_bytes(data[at : at + octets])
        at += octets
    if at + length > len(data):
        raise Asn1Error(f"An element is cut off: it states {length} bytes, and {len(data) - at} are there.")
    return tag, at, length


def algorithm(identifier: Element) -> tuple[str, Element | None]:
    """The object identifier of an AlgorithmIdentifier, and its parameters (RFC 5280, 4.1.1.2)."""
    fields = identifier.fields()
    oid, rest = fields.take().oid(), fields.rest()
    return oid, rest[0] if rest else None
