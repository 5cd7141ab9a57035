"""Distinguished names in certificates: what people call their attributes, and which names are one."""

from signet.domain.asn1 import object_identifiers as oids
from signet.domain.x509.distinguished_name import Attribute, DistinguishedName

ATTRIBUTE_NAMES = {
    oids.AT_COMMON_NAME: "common_name",
    oids.AT_SURNAME: "surname",
    oids.AT_SERIAL_NUMBER: "serial_number",
    oids.AT_COUNTRY_NAME: "country",
    oids.AT_LOCALITY_NAME: "locality",
    oids.AT_STATE_OR_PROVINCE_NAME: "state",
    oids.AT_STREET_ADDRESS: "street_address",
    oids.AT_ORGANIZATION_NAME: "organization",
    oids.AT_ORGANIZATIONAL_UNIT_NAME: "organizational_unit",
    oids.AT_TITLE: "title",
    oids.AT_DESCRIPTION: "description",
    oids.AT_BUSINESS_CATEGORY: "business_category",
    oids.AT_POSTAL_ADDRESS: "postal_address",
    oids.AT_POSTAL_CODE: "postal_code",
    oids.AT_TELEPHONE_NUMBER: "telephone_number",
    oids.AT_NAME: "name",
    oids.AT_GIVEN_NAME: "given_name",
    oids.AT_INITIALS: "initials",
    oids.AT_GENERATION_QUALIFIER: "generation_qualifier",
    oids.AT_UNIQUE_IDENTIFIER: "unique_identifier",
    oids.AT_DN_QUALIFIER: "dn_qualifier",
    oids.AT_PSEUDONYM: "pseudonym",
    oids.AT_ORGANIZATION_IDENTIFIER: "organization_identifier",
    oids.USER_ID: "user_id",
    oids.DOMAIN_COMPONENT: "domain_component",
    oids.EMAIL_ADDRESS: "email",
    oids.UNSTRUCTURED_NAME: "unstructured_name",
    oids.JURISDICTION_LOCALITY_NAME: "jurisdiction_locality",
    oids.JURISDICTION_STATE_OR_PROVINCE_NAME: "jurisdiction_state",
    oids.JURISDICTION_COUNTRY_NAME: "jurisdiction_country",
}
"""How attributes are shown. One that a signing request's `subject` can have is called by the same word there."""


def comparable(name: DistinguishedName) -> tuple[frozenset[tuple[str, str | bytes]], ...]:
    """Equal for names that RFC 5280, 7.1 takes as one: string types, case and runs of spaces do not matter."""
    return tuple(frozenset((each.oid, _comparable_value(each)) for each in rdn) for rdn in name.rdns)


def _comparable_value(attribute: Attribute) -> str | bytes:
    text = attribute.text
    return attribute.value if text is None else " ".join(text.casefold().split())
