"""Names of subjects and issuers, carried on without a change (RFC 5280, 4.1.2.4)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from signet.domain.asn1 import object_identifiers as oids
from signet.domain.asn1 import reader, tags
from signet.domain.asn1.reader import Asn1Error, Element
from signet.domain.asn1.writer import element, object_identifier
from signet.domain.errors import FieldError, InvalidInputError
from signet.domain.text.visible_text import unseen_in
from signet.domain.x509.attribute_types import (
    PARTS,
    SHORT_NAMES,
    TWO_LETTER_TYPES,
    TYPES_BY_OID,
    UnacceptableValueError,
    check_text,
    name_of_type,
)

AT_LEAST_ONE = "must have at least one name, as in CN=Example"
SPECIAL = frozenset('"+,;<>\\')
"""What stands for itself nowhere in a value (RFC 4514, 2.4)."""
_TO_ESCAPE = re.compile(r'["+,;<>\\\x00-\x1f\x7f-\x9f]')


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute: its type, and its value exactly as it is encoded."""

    oid: str
    value: bytes
    """DER of the whole value, tag and all, so that a name read from a certificate is written again byte for byte."""

    @property
    def text(self) -> str | None:
        """What the value says, if it is a character string; in a certificate it can be any bytes at all."""
        try:
            return reader.parse(self.value).text()
        except Asn1Error:
            return None

    @classmethod
    def of_text(cls, oid: str, text: str) -> Self:
        """The attribute `oid` that says `text`, in the string type that RFC 5280 asks of it; a country in upper case.

        Raises:
            UnacceptableValueError: the text is none that the attribute can have.
        """
        kind = TYPES_BY_OID.get(oid)
        tag = kind.tag if kind else tags.UTF8_STRING
        check_text(text, oid)
        if oid in TWO_LETTER_TYPES:
            text = text.upper()  # As ISO 3166 writes it; a CA that compares letter by letter would refuse another.
        return cls(oid, element(tag, text.encode(tags.STRING_ENCODINGS[tag])))

    @classmethod
    def of_encoding(cls, oid: str, value: bytes) -> Self:
        """The attribute `oid` with a value that comes encoded; a type known here must hold text that suits it.

        Raises:
            UnacceptableValueError: the value is no DER, or not one that the attribute can have.
        """
        try:
            reader.parse(value)
        except Asn1Error as error:
            raise UnacceptableValueError(f"The value after # is not DER: {error}") from error
        attribute = cls(oid, value)
        if oid in TYPES_BY_OID:
            if (text := attribute.text) is None:
                raise UnacceptableValueError(f"The value of {name_of_type(oid)} is not a character string.")
            check_text(text, oid)
        return attribute

    @classmethod
    def read(cls, pair: Element) -> Self:
        """The AttributeTypeAndValue that `pair` is, whatever its value says.

        Raises:
            Asn1Error: it is none.
        """
        fields = pair.fields()
        oid, value = fields.take().oid(), fields.take()
        fields.end()
        return cls(oid, value.encoded)

    @property
    def encoded(self) -> bytes:
        """DER of the AttributeTypeAndValue."""
        return element(tags.SEQUENCE, object_identifier(self.oid), self.value)


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
            (
                attribute.text
                for rdn in reversed(self.rdns)
                for attribute in rdn
                if attribute.oid == oids.AT_COMMON_NAME
            ),
            None,
        )

    @property
    def encoded(self) -> bytes:
        """DER of the Name."""
        return element(
            tags.SEQUENCE, *(element(tags.SET, *(attribute.encoded for attribute in rdn)) for rdn in self.rdns)
        )

    @classmethod
    def read(cls, name: Element) -> Self:
        """The Name that `name` is; encoded again it is the same, byte for byte.

        Raises:
            Asn1Error: it is none.
        """
        return cls(
            tuple(
                tuple(Attribute.read(attribute) for attribute in relative_name.expect(tags.SET).children())
                for relative_name in name.expect(tags.SEQUENCE).children()
            )
        )

    @classmethod
    def read_relative(cls, relative_name: Element) -> Self:
        """A RelativeDistinguishedName under whatever tag, as a name by itself."""
        return cls((tuple(Attribute.read(attribute) for attribute in relative_name.children()),))

    @classmethod
    def decode(cls, encoded: bytes) -> Self:
        """The name that `encoded` holds, as `read` takes it."""
        return cls.read(reader.parse(encoded))


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
        errors.append(FieldError(at, AT_LEAST_ONE))
    if errors:
        raise InvalidInputError(*errors)
    return DistinguishedName(tuple(rdns))


def _check_typed(text: str) -> None:
    """Check a part that a person typed more strictly than RFC 5280 does, because it cannot be escaped."""
    if unseen := unseen_in(text):
        raise UnacceptableValueError(unseen)
    if text != text.strip():
        raise UnacceptableValueError("must not begin or end with a space")


def _attribute_text(attribute: Attribute) -> str:
    name = SHORT_NAMES.get(attribute.oid, attribute.oid)
    text = attribute.text
    return f"{name}={_escaped(text)}" if text is not None else f"{name}=#{attribute.value.hex()}"


def _escaped(text: str) -> str:
    """`text` as an RFC 4514 string (section 2.4); control characters by their octets, so that no line is broken."""
    escaped = _TO_ESCAPE.sub(lambda found: "\\" + found[0] if found[0] in SPECIAL else _octets_escaped(found[0]), text)
    if escaped.startswith(("#", " ")):
        escaped = "\\" + escaped
    # A single space is escaped already, as the first character.
    if escaped.endswith(" ") and text != " ":
        escaped = escaped[:-1] + "\\ "
    return escaped


def _octets_escaped(character: str) -> str:
    return "".join(f"\\{octet:02X}" for octet in character.encode())
