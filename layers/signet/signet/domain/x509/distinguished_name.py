"""Names of subjects: parsed from parts or from RFC 4514 text, and carried on without a change (RFC 5280, 4.1.2.4)."""

import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from signet.domain.errors import FieldError, InvalidInputError
from signet.domain.field_errors import shown
from signet.domain.text.visible_text import unseen_in
from signet.domain.x509 import der
from signet.domain.x509.object_identifier import is_object_identifier

MAX_TEXT_CHARACTERS = 4096
_AT_LEAST_ONE = "must have at least one name, as in CN=Example"
"""Of RFC 4514 text: far more than any CA accepts, and little to parse."""


@dataclass(frozen=True, slots=True)
class AttributeType:
    """A kind of attribute that is known here by name."""

    oid: str
    names: tuple[str, ...]
    """All that RFC 4514 text may call it, without regard to case; the first is what people read in a message."""
    max_characters: int = 0
    """Its upper bound in RFC 5280, Appendix A; 0 where there is none."""
    tag: int = der.UTF8_STRING


COUNTRY = "2.5.4.6"
EMAIL_ADDRESS = "1.2.840.113549.1.9.1"

ATTRIBUTE_TYPES = (
    AttributeType("2.5.4.3", ("CN", "commonName"), 64),
    AttributeType("2.5.4.4", ("SN", "surname"), 32768),
    AttributeType("2.5.4.5", ("serialNumber",), 64, der.PRINTABLE_STRING),
    AttributeType(COUNTRY, ("C", "countryName"), 2, der.PRINTABLE_STRING),
    AttributeType("2.5.4.7", ("L", "localityName"), 128),
    AttributeType("2.5.4.8", ("ST", "S", "stateOrProvinceName"), 128),
    AttributeType("2.5.4.9", ("STREET", "streetAddress")),
    AttributeType("2.5.4.10", ("O", "organizationName"), 64),
    AttributeType("2.5.4.11", ("OU", "organizationalUnitName"), 64),
    AttributeType("2.5.4.12", ("T", "title"), 64),
    AttributeType("2.5.4.15", ("businessCategory",)),
    AttributeType("2.5.4.17", ("postalCode",)),
    AttributeType("2.5.4.41", ("name",), 32768),
    AttributeType("2.5.4.42", ("GN", "givenName"), 32768),
    AttributeType("2.5.4.43", ("initials",), 32768),
    AttributeType("2.5.4.44", ("generationQualifier",), 32768),
    AttributeType("2.5.4.46", ("dnQualifier",), 0, der.PRINTABLE_STRING),
    AttributeType("2.5.4.65", ("pseudonym",), 128),
    AttributeType("2.5.4.97", ("organizationIdentifier",)),
    AttributeType("0.9.2342.19200300.100.1.1", ("UID", "userId")),
    AttributeType("0.9.2342.19200300.100.1.25", ("DC", "domainComponent"), 0, der.IA5_STRING),
    AttributeType(EMAIL_ADDRESS, ("E", "email", "emailAddress"), 255, der.IA5_STRING),
    AttributeType("1.3.6.1.4.1.311.60.2.1.1", ("jurisdictionLocalityName",), 128),
    AttributeType("1.3.6.1.4.1.311.60.2.1.2", ("jurisdictionStateOrProvinceName",), 128),
    AttributeType("1.3.6.1.4.1.311.60.2.1.3", ("jurisdictionCountryName",), 2, der.PRINTABLE_STRING),
)

_TYPES_BY_OID = {attribute_type.oid: attribute_type for attribute_type in ATTRIBUTE_TYPES}
_TYPES_BY_NAME = {name.lower(): attribute_type for attribute_type in ATTRIBUTE_TYPES for name in attribute_type.names}
_TWO_LETTER_TYPES = (COUNTRY, "1.3.6.1.4.1.311.60.2.1.3")

SHORT_NAMES = {
    "2.5.4.3": "CN",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "2.5.4.6": "C",
    "2.5.4.9": "STREET",
    "0.9.2342.19200300.100.1.25": "DC",
    "0.9.2342.19200300.100.1.1": "UID",
}
"""The only names that every reader of RFC 4514 text knows (section 3); all others are written as identifiers."""

PARTS = {
    "country": COUNTRY,
    "state": "2.5.4.8",
    "locality": "2.5.4.7",
    "organization": "2.5.4.10",
    "organizational_unit": "2.5.4.11",
    "common_name": "2.5.4.3",
    "email": EMAIL_ADDRESS,
}
"""The parts that a subject can be given by, widest first, as they are encoded."""

_PRINTABLE = frozenset(string.ascii_letters + string.digits + " '()+,-./:=?")
_SPECIAL = frozenset('"+,;<>\\')
"""What stands for itself nowhere in a value (RFC 4514, 2.4)."""
_TO_ESCAPE = re.compile(r'["+,;<>\\\x00-\x1f\x7f-\x9f]')
_MAILBOX = re.compile(r"[^@\s]+@[^@\s]+")


class UnacceptableValueError(ValueError):
    """What is wrong with one value of a name; becomes the message of a field."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute: its type, and its value exactly as it is encoded."""

    oid: str
    value: bytes
    """DER of the whole value, tag and all, so that a name read from a certificate is written again to the byte."""

    @property
    def text(self) -> str | None:
        """What the value says, if it is a character string; in a certificate it can be any bytes at all."""
        try:
            return der.text_of(der.only_element(self.value))
        except der.MalformedDerError:
            return None

    @classmethod
    def of_text(cls, oid: str, text: str) -> Self:
        """The attribute `oid` that says `text`, in the string type that RFC 5280 asks of it; a country in upper case.

        Raises:
            UnacceptableValueError: the text is none that the attribute can have.
        """
        kind = _TYPES_BY_OID.get(oid)
        tag = kind.tag if kind else der.UTF8_STRING
        _check_text(text, oid)
        if oid in _TWO_LETTER_TYPES:
            text = text.upper()  # As ISO 3166 writes it; a CA that compares letter by letter would refuse another.
        return cls(oid, der.element(tag, text.encode(der.STRING_ENCODINGS[tag])))

    @classmethod
    def of_encoding(cls, oid: str, value: bytes) -> Self:
        """The attribute `oid` with a value that comes encoded; a type known here must hold text that suits it.

        Raises:
            UnacceptableValueError: the value is no DER, or not one that the attribute can have.
        """
        try:
            text = der.text_of(der.only_element(value))
        except der.MalformedDerError as error:
            raise UnacceptableValueError(f"The value after # is not DER: {error}") from error
        if oid in _TYPES_BY_OID:
            if text is None:
                raise UnacceptableValueError(f"The value of {_name(oid)} is not a character string.")
            _check_text(text, oid)
        return cls(oid, value)

    @property
    def encoded(self) -> bytes:
        """DER of the AttributeTypeAndValue."""
        return der.element(der.SEQUENCE, der.object_identifier(self.oid), self.value)


@dataclass(frozen=True, slots=True)
class DistinguishedName:
    """A name, as the sequence of sets of attributes that it is."""

    rdns: tuple[tuple[Attribute, ...], ...]
    """In the order of the encoding, widest first: country before common name. RFC 4514 text runs the other way."""

    @property
    def text(self) -> str:
        """RFC 4514 text: most specific first, attributes without a common short name by identifier."""
        return ",".join("+".join(_attribute_text(attribute) for attribute in rdn) for rdn in reversed(self.rdns))

    @property
    def common_name(self) -> str | None:
        """The most specific common name."""
        return next(
            (attribute.text for rdn in reversed(self.rdns) for attribute in rdn if attribute.oid == "2.5.4.3"), None
        )

    @property
    def encoded(self) -> bytes:
        """DER of the Name."""
        return der.element(
            der.SEQUENCE, *(der.element(der.SET, *(attribute.encoded for attribute in rdn)) for rdn in self.rdns)
        )

    @classmethod
    def decode(cls, encoded: bytes) -> Self:
        """The name that `encoded` holds; encoded again it is the same to the byte.

        Raises:
            MalformedDerError: it holds none.
        """
        return cls(
            tuple(
                tuple(_decoded_attribute(attribute) for attribute in rdn.children)
                for rdn in der.only_element(encoded).children
            )
        )


def parse_subject(parts: Mapping[str, str | None], *, at: str = "subject") -> DistinguishedName:
    """The name made of `parts`, of which every field of `PARTS` may be there, absent or None.

    Raises:
        InvalidInputError: for each part that cannot be had, or for `at` if there is none at all.
    """
    rdns, errors = [], []
    for part, oid in PARTS.items():
        text = parts.get(part)
        if text is None:
            continue
        try:
            _check_typed(text)
            rdns.append((Attribute.of_text(oid, text),))
        except UnacceptableValueError as error:
            errors.append(FieldError(f"{at}.{part}", str(error)))
    errors.extend(
        FieldError(f"{at}.{part}", f"must be one of {', '.join(PARTS)}") for part in parts if part not in PARTS
    )
    if not rdns and not errors:
        errors.append(FieldError(at, _AT_LEAST_ONE))
    if errors:
        raise InvalidInputError(*errors)
    return DistinguishedName(tuple(rdns))


def parse_distinguished_name(text: str, *, at: str = "distinguished_name") -> DistinguishedName:
    """The name that `text` says in the grammar of RFC 4514: `CN=Example,O=Example Corp,C=US`.

    Spaces round separators are let pass, as in RFC 4514's forerunners; everything else in it must be escaped as it
    says. Attributes are called by any name of `ATTRIBUTE_TYPES` or by identifier; a value may be `#` and its DER in
    hex.

    Raises:
        InvalidInputError: for the field `at`, with the place in the text.
    """
    if len(text) > MAX_TEXT_CHARACTERS:
        raise InvalidInputError.at(at, f"must be at most {MAX_TEXT_CHARACTERS} characters, got {len(text)}")
    try:
        rdns = tuple(reversed([tuple(rdn) for rdn in _Reader(text).rdns()]))
    except UnacceptableValueError as error:
        raise InvalidInputError.at(at, str(error)) from error
    if not rdns:
        raise InvalidInputError.at(at, _AT_LEAST_ONE)
    return DistinguishedName(rdns)


class _Reader:
    """Reads RFC 4514 text from left to right."""

    _ESCAPABLE = frozenset('"+,;<>\\ #=')

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0

    def rdns(self) -> Iterator[list[Attribute]]:
        if not self._text.strip(" "):
            return
        while True:
            yield self._rdn()
            if self._at_end():
                return
            self._position += 1  # The comma that ended the RDN.

    def _rdn(self) -> list[Attribute]:
        attributes = [self._attribute()]
        while self._next() == "+":
            self._position += 1
            attributes.append(self._attribute())
        oids = [attribute.oid for attribute in attributes]
        if repeated := {oid for oid in oids if oids.count(oid) > 1}:
            raise UnacceptableValueError(f"must not have {_name(repeated.pop())} twice in one multi-valued name")
        # A SET OF is sorted by its members' encodings (X.690, 11.6).
        return sorted(attributes, key=lambda attribute: attribute.encoded)

    def _attribute(self) -> Attribute:
        start = self._position
        end = self._text.find("=", start)
        name = self._text[start : end if end >= 0 else None].strip(" ")
        if end < 0 or any(character in name for character in ",+"):
            raise UnacceptableValueError(
                f"must have type=value at character {start + 1}, as in CN=Example,O=Example Corp,C=US"
            )
        oid = _oid_called(name)
        if oid is None:
            raise UnacceptableValueError(
                f"no attribute is known as {shown(name)}; it can be given by its identifier, as in 2.5.4.3=Example"
            )
        self._position = end + 1
        self._skip_spaces()
        if self._next() == "#":
            return Attribute.of_encoding(oid, self._hex_value())
        return Attribute.of_text(oid, self._string_value())

    def _hex_value(self) -> bytes:
        self._position += 1
        start = self._position
        while not self._at_end() and self._next() not in ("+", ","):
            self._position += 1
        digits = self._text[start : self._position].rstrip(" ")
        if not re.fullmatch(r"(?:[0-9A-Fa-f]{2})+", digits):
            raise UnacceptableValueError(f"must have pairs of hex digits after # at character {start}")
        return bytes.fromhex(digits)

    def _string_value(self) -> str:
        # Octets, since an escape may be a part of a UTF-8 sequence: Lu\C4\8Di\C4\87.
        octets, kept = bytearray(), 0
        while not self._at_end() and (character := self._next()) not in ("+", ","):
            if character == "\\":
                octets += self._escape()
                kept = len(octets)  # An escaped space at the end belongs to the value.
                continue
            if character in _SPECIAL or character == "\0":
                raise UnacceptableValueError(
                    f"must have a \\ before {shown(character)} at character {self._position + 1}"
                )
            octets += _utf8(character)
            self._position += 1
            if character != " ":
                kept = len(octets)
        try:
            return octets[:kept].decode()
        except UnicodeDecodeError as error:
            raise UnacceptableValueError("must be UTF-8 once its escaped octets are put in") from error

    def _escape(self) -> bytes:
        escaped = self._text[self._position + 1 : self._position + 3]
        if re.fullmatch("[0-9A-Fa-f]{2}", escaped):
            self._position += 3
            return bytes.fromhex(escaped)
        if escaped[:1] and escaped[0] in self._ESCAPABLE:
            self._position += 2
            return escaped[0].encode()
        raise UnacceptableValueError(
            f"must have two hex digits or a special character after the \\ at character {self._position + 1}"
        )

    def _next(self) -> str:
        return self._text[self._position : self._position + 1]

    def _at_end(self) -> bool:
        return self._position >= len(self._text)

    def _skip_spaces(self) -> None:
        while self._next() == " ":
            self._position += 1


def _oid_called(name: str) -> str | None:
    if known := _TYPES_BY_NAME.get(name.lower()):
        return known.oid
    # RFC 2253 and its forerunners wrote OID. before an identifier.
    oid = name[4:] if name[:4].lower() == "oid." else name
    return oid if is_object_identifier(oid) else None


def _name(oid: str) -> str:
    known = _TYPES_BY_OID.get(oid)
    return known.names[0] if known else oid


def _check_text(text: str, oid: str) -> None:
    """Check `text` by what RFC 5280, Appendix A says of the attribute `oid`."""
    kind = _TYPES_BY_OID.get(oid)
    if not text:
        raise UnacceptableValueError("must not be empty; leave it out instead")
    if "\0" in text:
        raise UnacceptableValueError("must not have a NUL character")
    _utf8(text)
    if kind is None:
        return
    if oid in _TWO_LETTER_TYPES and not re.fullmatch("[A-Za-z]{2}", text):
        raise UnacceptableValueError("must be the two letters of a country, as in ISO 3166: US")
    if kind.max_characters and len(text) > kind.max_characters:
        raise UnacceptableValueError(
            f"must be at most {kind.max_characters} characters (RFC 5280, Appendix A), got {len(text)}"
        )
    if kind.tag == der.PRINTABLE_STRING and not _PRINTABLE.issuperset(text):
        raise UnacceptableValueError("must be only letters, digits, spaces and '()+,-./:=?")
    if kind.tag == der.IA5_STRING and not text.isascii():
        raise UnacceptableValueError("must be ASCII characters only")
    if oid == EMAIL_ADDRESS and not _MAILBOX.fullmatch(text):
        raise UnacceptableValueError("must be a mail address, as in name@example.com")


def _check_typed(text: str) -> None:
    """Check a part that a person typed more strictly than RFC 5280 does, because it cannot be escaped."""
    if unseen := unseen_in(text):
        raise UnacceptableValueError(unseen)
    if text != text.strip():
        raise UnacceptableValueError("must not begin or end with a space")


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise UnacceptableValueError("must not have half a surrogate pair") from error


def _attribute_text(attribute: Attribute) -> str:
    name = SHORT_NAMES.get(attribute.oid, attribute.oid)
    text = attribute.text
    return f"{name}={_escaped(text)}" if text is not None else f"{name}=#{attribute.value.hex()}"


def _escaped(text: str) -> str:
    """`text` as an RFC 4514 string (section 2.4); control characters by their octets, so that no line is broken."""
    escaped = _TO_ESCAPE.sub(lambda found: "\\" + found[0] if found[0] in _SPECIAL else _octets_escaped(found[0]), text)
    if escaped.startswith(("#", " ")):
        escaped = "\\" + escaped
    # A single space is escaped already, as the first character.
    if escaped.endswith(" ") and text != " ":
        escaped = escaped[:-1] + "\\ "
    return escaped


def _octets_escaped(character: str) -> str:
    return "".join(f"\\{octet:02X}" for octet in character.encode())


def _decoded_attribute(attribute: der.Element) -> Attribute:
    kind, value = attribute.children
    if kind.tag != der.OBJECT_IDENTIFIER:
        raise der.MalformedDerError("An attribute does not start with its type.")
    return Attribute(der.dotted(kind.content), value.encoded)
