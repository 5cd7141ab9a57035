"""Distinguished names: as RFC 4514 text, as a list, and as something to compare."""

import re
from dataclasses import dataclass

from signet.adapters.certificate_reading import asn1
from signet.adapters.certificate_reading.asn1 import Asn1Error, Element

COMMON_NAME = "2.5.4.3"

SHORT_NAMES = {
    COMMON_NAME: "CN",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "2.5.4.6": "C",
    "2.5.4.9": "STREET",
    "0.9.2342.19200300.100.1.25": "DC",
    "0.9.2342.19200300.100.1.1": "UID",
    "1.2.840.113549.1.9.1": "emailAddress",
    "2.5.4.4": "SN",
    "2.5.4.5": "serialNumber",
    "2.5.4.12": "title",
    "2.5.4.13": "description",
    "2.5.4.15": "businessCategory",
    "2.5.4.16": "postalAddress",
    "2.5.4.17": "postalCode",
    "2.5.4.20": "telephoneNumber",
    "2.5.4.42": "GN",
    "2.5.4.43": "initials",
    "2.5.4.44": "generationQualifier",
    "2.5.4.45": "x500UniqueIdentifier",
    "2.5.4.46": "dnQualifier",
    "2.5.4.65": "pseudonym",
    "2.5.4.97": "organizationIdentifier",
    "1.3.6.1.4.1.311.60.2.1.1": "jurisdictionL",
    "1.3.6.1.4.1.311.60.2.1.2": "jurisdictionST",
    "1.3.6.1.4.1.311.60.2.1.3": "jurisdictionC",
}
"""The table of RFC 4514, 3, then registered descriptors and, for the last, the names that OpenSSL gives."""

LONG_NAMES = {
    "CN": "common_name",
    "L": "locality",
    "ST": "state",
    "O": "organization",
    "OU": "organizational_unit",
    "C": "country",
    "STREET": "street_address",
    "DC": "domain_component",
    "UID": "user_id",
    "emailAddress": "email",
    "SN": "surname",
    "serialNumber": "serial_number",
    "businessCategory": "business_category",
    "postalAddress": "postal_address",
    "postalCode": "postal_code",
    "telephoneNumber": "telephone_number",
    "GN": "given_name",
    "generationQualifier": "generation_qualifier",
    "x500UniqueIdentifier": "unique_identifier",
    "dnQualifier": "dn_qualifier",
    "organizationIdentifier": "organization_identifier",
    "jurisdictionL": "jurisdiction_locality",
    "jurisdictionST": "jurisdiction_state",
    "jurisdictionC": "jurisdiction_country",
}
"""Short name to what a person calls it, where the two differ; the words of a signing request's `subject`."""

_SPECIAL = re.compile(r'[\x00-\x1f\x7f"+,;<>\\]')


@dataclass(frozen=True, slots=True)
class Attribute:
    """One AttributeTypeAndValue."""

    oid: str
    value: Element

    @property
    def text(self) -> str | None:
        """Its characters; None where it is no character string, or not in its own encoding."""
        try:
            return self.value.text()
        except Asn1Error:
            return None

    @property
    def rfc4514(self) -> str:
        """`CN=Example`; with the value in hex where it cannot be written in characters (RFC 4514, 2.4)."""
        short_name, text = SHORT_NAMES.get(self.oid), self.text
        if short_name is None or text is None:
            return f"{short_name or self.oid}=#{self.value.encoded.hex()}"
        return f"{short_name}={_escaped(text)}"


@dataclass(frozen=True, slots=True)
class Name:
    """A distinguished name: relative names of one or more attributes, the most general first."""

    relative_names: tuple[tuple[Attribute, ...], ...]

    @classmethod
    def read(cls, element: Element) -> "Name":
        """RFC 5280, 4.1.2.4.

        Raises:
            Asn1Error: `element` is not a Name.
        """
        return cls(
            tuple(
                tuple(_attribute(attribute) for attribute in relative_name.expect(asn1.SET).children())
                for relative_name in element.expect(asn1.SEQUENCE).children()
            )
        )

    @property
    def rfc4514(self) -> str:
        """The most specific first, as RFC 4514, 2.1 wants it; empty for the empty name."""
        return ",".join("+".join(each.rfc4514 for each in names) for names in reversed(self.relative_names))

    @property
    def attributes(self) -> list[Attribute]:
        """All of them in the order of the certificate."""
        return [attribute for names in self.relative_names for attribute in names]

    @property
    def common_name(self) -> str | None:
        """The most specific CN that can be read."""
        names = [each.text for each in self.attributes if each.oid == COMMON_NAME]
        return next((name for name in reversed(names) if name), None)

    @property
    def comparable(self) -> tuple[frozenset[tuple[str, str | bytes]], ...]:
        """Equal for names that RFC 5280, 7.1 takes as one: the string types, case and runs of spaces do not matter."""
        return tuple(frozenset((each.oid, _comparable(each)) for each in names) for names in self.relative_names)


def _attribute(element: Element) -> Attribute:
    fields = element.fields()
    oid, value = fields.take().oid(), fields.take()
    fields.end()
    return Attribute(oid, value)


def _comparable(attribute: Attribute) -> str | bytes:
    text = attribute.text
    return attribute.value.encoded if text is None else " ".join(text.casefold().split())


def _escaped(text: str) -> str:
    """RFC 4514, 2.4; control characters in hex, so that a name stays on its line."""
    escaped = _SPECIAL.sub(_escape, text)
    if escaped.startswith((" ", "#")):
        escaped = "\\" + escaped
    if text.endswith(" ") and len(text) > 1:
        escaped = escaped[:-1] + "\\ "
    return escaped


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    return f"\\{character}" if character.isprintable() else f"\\{ord(character):02X}"
