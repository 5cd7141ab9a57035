"""The kinds of attributes that names are made of, and what RFC 5280, Appendix A lets each of them say."""

import re
import string
from dataclasses import dataclass

from signet.domain.asn1 import object_identifiers as oids
from signet.domain.asn1 import tags


@dataclass(frozen=True, slots=True)
class AttributeType:
    """A kind of attribute that is known here by name."""

    oid: str
    names: tuple[str, ...]
    """All that RFC 4514 text may call it, without regard to case; the first is what people read in a message."""
    max_characters: int = 0
    """Its upper bound in RFC 5280, Appendix A; 0 where there is none."""
    tag: int = tags.UTF8_STRING


ATTRIBUTE_TYPES = (
    AttributeType(oids.AT_COMMON_NAME, ("CN", "commonName"), 64),
    AttributeType(oids.AT_SURNAME, ("SN", "surname"), 32768),
    AttributeType(oids.AT_SERIAL_NUMBER, ("serialNumber",), 64, tags.PRINTABLE_STRING),
    AttributeType(oids.AT_COUNTRY_NAME, ("C", "countryName"), 2, tags.PRINTABLE_STRING),
    AttributeType(oids.AT_LOCALITY_NAME, ("L", "localityName"), 128),
    AttributeType(oids.AT_STATE_OR_PROVINCE_NAME, ("ST", "S", "stateOrProvinceName"), 128),
    AttributeType(oids.AT_STREET_ADDRESS, ("STREET", "streetAddress")),
    AttributeType(oids.AT_ORGANIZATION_NAME, ("O", "organizationName"), 64),
    AttributeType(oids.AT_ORGANIZATIONAL_UNIT_NAME, ("OU", "organizationalUnitName"), 64),
    AttributeType(oids.AT_TITLE, ("T", "title"), 64),
    AttributeType(oids.AT_BUSINESS_CATEGORY, ("businessCategory",)),
    AttributeType(oids.AT_POSTAL_CODE, ("postalCode",)),
    AttributeType(oids.AT_NAME, ("name",), 32768),
    AttributeType(oids.AT_GIVEN_NAME, ("GN", "givenName"), 32768),
    AttributeType(oids.AT_INITIALS, ("initials",), 32768),
    AttributeType(oids.AT_GENERATION_QUALIFIER, ("generationQualifier",), 32768),
    AttributeType(oids.AT_DN_QUALIFIER, ("dnQualifier",), 0, tags.PRINTABLE_STRING),
    AttributeType(oids.AT_PSEUDONYM, ("pseudonym",), 128),
    AttributeType(oids.AT_ORGANIZATION_IDENTIFIER, ("organizationIdentifier",)),
    AttributeType(oids.USER_ID, ("UID", "userId")),
    AttributeType(oids.DOMAIN_COMPONENT, ("DC", "domainComponent"), 0, tags.IA5_STRING),
    AttributeType(oids.EMAIL_ADDRESS, ("E", "email", "emailAddress"), 255, tags.IA5_STRING),
    AttributeType(oids.JURISDICTION_LOCALITY_NAME, ("jurisdictionLocalityName",), 128),
    AttributeType(oids.JURISDICTION_STATE_OR_PROVINCE_NAME, ("jurisdictionStateOrProvinceName",), 128),
    AttributeType(oids.JURISDICTION_COUNTRY_NAME, ("jurisdictionCountryName",), 2, tags.PRINTABLE_STRING),
)

TYPES_BY_OID = {attribute_type.oid: attribute_type for attribute_type in ATTRIBUTE_TYPES}
TYPES_BY_NAME = {name.lower(): attribute_type for attribute_type in ATTRIBUTE_TYPES for name in attribute_type.names}
TWO_LETTER_TYPES = (oids.AT_COUNTRY_NAME, oids.JURISDICTION_COUNTRY_NAME)

SHORT_NAMES = {
    oids.AT_COMMON_NAME: "CN",
    oids.AT_LOCALITY_NAME: "L",
    oids.AT_STATE_OR_PROVINCE_NAME: "ST",
    oids.AT_ORGANIZATION_NAME: "O",
    oids.AT_ORGANIZATIONAL_UNIT_NAME: "OU",
    oids.AT_COUNTRY_NAME: "C",
    oids.AT_STREET_ADDRESS: "STREET",
    oids.DOMAIN_COMPONENT: "DC",
    oids.USER_ID: "UID",
}
"""The only names that every reader of RFC 4514 text knows (section 3); all others are written as identifiers."""

PARTS = {
    "country": oids.AT_COUNTRY_NAME,
    "state": oids.AT_STATE_OR_PROVINCE_NAME,
    "locality": oids.AT_LOCALITY_NAME,
    "organization": oids.AT_ORGANIZATION_NAME,
    "organizational_unit": oids.AT_ORGANIZATIONAL_UNIT_NAME,
    "common_name": oids.AT_COMMON_NAME,
    "email": oids.EMAIL_ADDRESS,
}
"""The parts that a subject can be given by, widest first, as they are encoded."""

_PRINTABLE = frozenset(string.ascii_letters + string.digits + " '()+,-./:=?")
_MAILBOX = re.compile(r"[^@\s]+@[^@\s]+")


class UnacceptableValueError(ValueError):
    """What is wrong with one value of a name; becomes the message of a field."""


def name_of_type(oid: str) -> str:
    """What people read in a message: the type's first name, or its identifier where it has none."""
    known = TYPES_BY_OID.get(oid)
    return known.names[0] if known else oid


def check_text(text: str, oid: str) -> None:
    """Check `text` by what RFC 5280, Appendix A says of the attribute `oid`.

    Raises:
        UnacceptableValueError: the attribute cannot say it.
    """
    kind = TYPES_BY_OID.get(oid)
    if not text:
        raise UnacceptableValueError("must not be empty; leave it out instead")
    if "\0" in text:
        raise UnacceptableValueError("must not have a NUL character")
    utf8(text)
    if kind is None:
        return
    if oid in TWO_LETTER_TYPES and not re.fullmatch("[A-Za-z]{2}", text):
        raise UnacceptableValueError("must be the two letters of a country, as in ISO 3166: US")
    if kind.max_characters and len(text) > kind.max_characters:
        raise UnacceptableValueError(
            f"must be at most {kind.max_characters} characters (RFC 5280, Appendix A), got {len(text)}"
        )
    if kind.tag == tags.PRINTABLE_STRING and not _PRINTABLE.issuperset(text):
        raise UnacceptableValueError("must be only letters, digits, spaces and '()+,-./:=?")
    if kind.tag == tags.IA5_STRING and not text.isascii():
        raise UnacceptableValueError("must be ASCII characters only")
    if oid == oids.EMAIL_ADDRESS and not _MAILBOX.fullmatch(text):
        raise UnacceptableValueError("must be a mail address, as in name@example.com")


def utf8(text: str) -> bytes:
    """`text` in UTF-8, or UnacceptableValueError."""
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise UnacceptableValueError("must not have half a surrogate pair") from error
