"""Read names that people write as text, in the grammar of RFC 4514."""

import re
from collections.abc import Iterator

from signet.domain.asn1.object_identifiers import is_object_identifier
from signet.domain.errors import InvalidInputError
from signet.domain.field_errors import shown
from signet.domain.x509.attribute_types import TYPES_BY_NAME, UnacceptableValueError, name_of_type, utf8
from signet.domain.x509.distinguished_name import AT_LEAST_ONE, SPECIAL, Attribute, DistinguishedName

MAX_TEXT_CHARACTERS = 4096
"""Far more than any CA accepts, and little to parse."""


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
        raise InvalidInputError.at(at, AT_LEAST_ONE)
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
            raise UnacceptableValueError(f"must not have {name_of_type(repeated.pop())} twice in one multi-valued name")
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
            if character in SPECIAL or character == "\0":
                raise UnacceptableValueError(
                    f"must have a \\ before {shown(character)} at character {self._position + 1}"
                )
            octets += utf8(character)
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
    if known := TYPES_BY_NAME.get(name.lower()):
        return known.oid
    # RFC 2253 and its forerunners wrote OID. before an identifier.
    oid = name[4:] if name[:4].lower() == "oid." else name
    return oid if is_object_identifier(oid) else None
