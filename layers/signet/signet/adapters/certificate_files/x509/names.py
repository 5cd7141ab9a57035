"""Distinguished names in certificates: read, listed for people, and compared."""

from signet.adapters.certificate_files import asn1
from signet.adapters.certificate_files.asn1 import Asn1Error, Element
from signet.domain.x509.distinguished_name import Attribute, DistinguishedName

_LONG_TAG = 0x1F

ATTRIBUTE_NAMES = {
    "2.5.4.3": "common_name",
    "2.5.4.4": "surname",
    "2.5.4.5": "serial_number",
    "2.5.4.6": "country",
    "2.5.4.7": "locality",
    "2.5.4.8": "state",
    "2.5.4.9": "street_address",
    "2.5.4.10": "organization",
    "2.5.4.11": "organizational_unit",
    "2.5.4.12": "title",
    "2.5.4.13": "description",
    "2.5.4.15": "business_category",
    "2.5.4.16": "postal_address",
    "2.5.4.17": "postal_code",
    "2.5.4.20": "telephone_number",
    "2.5.4.41": "name",
    "2.5.4.42": "given_name",
    "2.5.4.43": "initials",
    "2.5.4.44": "generation_qualifier",
    "2.5.4.45": "unique_identifier",
    "2.5.4.46": "dn_qualifier",
    "2.5.4.65": "pseudonym",
    "2.5.4.97": "organization_identifier",
    "0.9.2342.19200300.100.1.1": "user_id",
    "0.9.2342.19200300.100.1.25": "domain_component",
    "1.2.840.113549.1.9.1": "email",
    "1.2.840.113549.1.9.2": "unstructured_name",
    "1.3.6.1.4.1.311.60.2.1.1": "jurisdiction_locality",
    "1.3.6.1.4.1.311.60.2.1.2": "jurisdiction_state",
    "1.3.6.1.4.1.311.60.2.1.3": "jurisdiction_country",
}
"""What people call an attribute; where a signing request's `subject` has it, by the same word."""


def read_name(element: Element) -> DistinguishedName:
    """The Name that `element` is (RFC 5280, 4.1.2.4), whatever its values say.

    Raises:
        Asn1Error: it is none.
    """
    return DistinguishedName(
        tuple(
            tuple(_attribute(attribute) for attribute in relative_name.expect(asn1.SET).children())
            for relative_name in element.expect(asn1.SEQUENCE).children()
        )
    )


def read_relative_name(element: Element) -> DistinguishedName:
    """A RelativeDistinguishedName under whatever tag, as a name by itself."""
    return DistinguishedName((tuple(_attribute(attribute) for attribute in element.children()),))


def comparable(name: DistinguishedName) -> tuple[frozenset[tuple[str, str | bytes]], ...]:
    """Equal for names that RFC 5280, 7.1 takes as one: string types, case and runs of spaces do not matter."""
    return tuple(frozenset((each.oid, _comparable_value(each)) for each in rdn) for rdn in name.rdns)


def _attribute(element: Element) -> Attribute:
    fields = element.fields()
    oid, value = fields.take().oid(), fields.take()
    fields.end()
    if value.tag & _LONG_TAG == _LONG_TAG or value.tag > 0xFF:
        raise Asn1Error("A name has a value of a type that no attribute has.")
    return Attribute(oid, value.encoded)


def _comparable_value(attribute: Attribute) -> str | bytes:
    text = attribute.text
    return attribute.value if text is None else " ".join(text.casefold().split())
