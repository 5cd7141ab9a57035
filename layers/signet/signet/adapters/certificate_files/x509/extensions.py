"""Decode the extensions of certificates (RFC 5280, 4.2), each for itself: a broken one spoils no other."""

from base64 import b64encode
from collections.abc import Callable

from signet.adapters.certificate_files.x509.certificate import Extension, hex_of_serial
from signet.adapters.certificate_files.x509.general_names import general_name, general_names, ia5_text
from signet.domain.asn1 import object_identifiers as oids
from signet.domain.asn1 import reader, tags
from signet.domain.asn1.reader import Asn1Error, Element
from signet.domain.x509.certificate_details import ExtensionDetails, JsonValue
from signet.domain.x509.distinguished_name import DistinguishedName
from signet.domain.x509.extended_key_usage import name_of_usage

MAX_NUMBER = 1 << 31
"""Path lengths and the like are small, and some readers of JSON fail on large numbers."""

KEY_USAGES = (
    "digital_signature",
    "non_repudiation",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)
REASONS = (
    "unused",
    "key_compromise",
    "ca_compromise",
    "affiliation_changed",
    "superseded",
    "cessation_of_operation",
    "certificate_hold",
    "privilege_withdrawn",
    "aa_compromise",
)
ACCESS_METHODS = {
    oids.AD_OCSP: "ocsp",
    oids.AD_CA_ISSUERS: "ca_issuers",
    oids.AD_TIME_STAMPING: "time_stamping",
    oids.AD_CA_REPOSITORY: "ca_repository",
}
POLICIES = {
    oids.ANY_POLICY: "any_policy",
    oids.EXTENDED_VALIDATION: "extended_validation",
    oids.DOMAIN_VALIDATED: "domain_validated",
    oids.ORGANIZATION_VALIDATED: "organization_validated",
    oids.INDIVIDUAL_VALIDATED: "individual_validated",
    oids.EXTENDED_VALIDATION_CODESIGNING: "extended_validation_code_signing",
    oids.CODE_SIGNING_REQUIREMENTS: "code_signing",
    oids.CODE_SIGNING_REQUIREMENTS_TIMESTAMPING: "time_stamping",
}
"""The reserved policies of the CA/Browser Forum."""


def extension_details(extension: Extension) -> ExtensionDetails:
    """`extension` as it is shown; in base64 if it is of an unknown kind, or broken."""
    raw = b64encode(extension.value).decode()
    name, decode = _KINDS.get(extension.oid, (extension.oid, None))
    if decode is None:
        return ExtensionDetails(extension.oid, name, extension.critical, raw)
    try:
        return ExtensionDetails(extension.oid, name, extension.critical, decode(reader.parse(extension.value)))
    except Asn1Error as error:
        return ExtensionDetails(extension.oid, name, extension.critical, raw, error=str(error))


def extension_in_base64(extension: Extension, why: str) -> ExtensionDetails:
    """`extension` by its name alone, though it could be decoded."""
    name, _ = _KINDS.get(extension.oid, (extension.oid, None))
    return ExtensionDetails(extension.oid, name, extension.critical, b64encode(extension.value).decode(), error=why)


def _sequence_of_names(element: Element) -> JsonValue:
    return general_names(element.expect(tags.SEQUENCE))


def _display_text(element: Element) -> str:
    """A character string; of those that should be ASCII also what is not."""
    try:
        return element.text()
    except Asn1Error:
        if element.tag in {tags.IA5_STRING, tags.VISIBLE_STRING, tags.UTF8_STRING}:
            return ia5_text(element)
        raise


def _number(element: Element | None, tag: int = tags.INTEGER) -> int | None:
    if element is None:
        return None
    value = element.integer(tag)
    if not 0 <= value < MAX_NUMBER:
        raise Asn1Error("A number is negative, or beyond reason.")
    return value


def _bits(element: Element, names: tuple[str, ...], tag: int = tags.BIT_STRING) -> JsonValue:
    bits = element.named_bits(tag)
    return [names[bit] if bit < len(names) else str(bit) for bit in bits]


def _key_usage(element: Element) -> JsonValue:
    return _bits(element, KEY_USAGES)


def _extended_key_usage(element: Element) -> JsonValue:
    oids = [each.oid() for each in element.expect(tags.SEQUENCE).children()]
    return [{"oid": oid, "name": name_of_usage(oid)} for oid in oids]


def _basic_constraints(element: Element) -> JsonValue:
    fields = element.fields()
    ca, path_length = fields.take_if(tags.BOOLEAN), fields.take_if(tags.INTEGER)
    fields.end()
    return {"ca": ca is not None and ca.boolean(), "path_length": _number(path_length)}


def _subject_key_identifier(element: Element) -> JsonValue:
    return element.octets().hex().upper()


def _authority_key_identifier(element: Element) -> JsonValue:
    fields = element.fields()
    key = fields.take_if(tags.context(0, constructed=False))
    issuer = fields.take_if(tags.context(1))
    serial = fields.take_if(tags.context(2, constructed=False))
    fields.end()
    return {
        "key_identifier": key.content.hex().upper() if key else None,
        "issuer": general_names(issuer) if issuer else [],
        "serial_number": hex_of_serial(serial.integer(serial.tag)) if serial else None,
    }


def _certificate_policies(element: Element) -> JsonValue:
    return [_policy(each) for each in element.expect(tags.SEQUENCE).children()]


def _policy(element: Element) -> JsonValue:
    fields = element.fields()
    oid, qualifiers = fields.take().oid(), fields.take_if(tags.SEQUENCE)
    fields.end()
    decoded: list[JsonValue] = [_qualifier(each) for each in qualifiers.children()] if qualifiers else []
    return {"oid": oid, "name": POLICIES.get(oid, oid), "qualifiers": decoded}


def _qualifier(element: Element) -> JsonValue:
    fields = element.fields()
    oid, value = fields.take().oid(), fields.take()
    if oid == oids.QT_CPS:
        return {"type": "cps", "uri": ia5_text(value)}
    if oid == oids.QT_UNOTICE:
        return _user_notice(value)
    return {"type": oid, "value": b64encode(value.encoded).decode()}


def _user_notice(element: Element) -> JsonValue:
    fields = element.fields()
    reference, text = fields.take_if(tags.SEQUENCE), fields.take_if(*_TEXT_TAGS)
    organization: JsonValue = None
    numbers: list[JsonValue] = []
    if reference:
        parts = reference.fields()
        organization = _display_text(parts.take())
        numbers = [_number(each) for each in parts.take().children()]
    return {
        "type": "user_notice",
        "text": _display_text(text) if text else None,
        "organization": organization,
        "notice_numbers": numbers,
    }


_TEXT_TAGS = (tags.IA5_STRING, tags.VISIBLE_STRING, tags.BMP_STRING, tags.UTF8_STRING)


def _distribution_points(element: Element) -> JsonValue:
    return [_distribution_point(each) for each in element.expect(tags.SEQUENCE).children()]


def _distribution_point(element: Element) -> JsonValue:
    fields = element.fields()
    point, reasons, issuer = (
        fields.take_if(tags.context(0)),
        fields.take_if(tags.context(1, constructed=False)),
        fields.take_if(tags.context(2)),
    )
    fields.end()
    names: JsonValue = []
    relative_name = None
    if point:
        name = point.only()
        if name.tag == tags.context(0):
            names = general_names(name)
        else:
            relative_name = DistinguishedName.read_relative(name.expect(tags.context(1))).text
    return {
        "names": names,
        "relative_name": relative_name,
        "reasons": _bits(reasons, REASONS, reasons.tag) if reasons else None,
        "crl_issuer": general_names(issuer) if issuer else [],
    }


def _information_access(element: Element) -> JsonValue:
    return [_access(each) for each in element.expect(tags.SEQUENCE).children()]


def _access(element: Element) -> JsonValue:
    fields = element.fields()
    oid, location = fields.take().oid(), fields.take()
    fields.end()
    return {"oid": oid, "method": ACCESS_METHODS.get(oid, oid), "location": general_name(location)}


def _name_constraints(element: Element) -> JsonValue:
    fields = element.fields()
    permitted, excluded = fields.take_if(tags.context(0)), fields.take_if(tags.context(1))
    fields.end()
    return {"permitted": _subtrees(permitted), "excluded": _subtrees(excluded)}


def _subtrees(element: Element | None) -> JsonValue:
    """The bases; their minimum and maximum are not used (RFC 5280, 4.2.1.10)."""
    return [general_name(each.fields().take(), network=True) for each in element.children()] if element else []


def _policy_constraints(element: Element) -> JsonValue:
    fields = element.fields()
    explicit = fields.take_if(tags.context(0, constructed=False))
    inhibit = fields.take_if(tags.context(1, constructed=False))
    fields.end()
    return {
        "require_explicit_policy": _number(explicit, tags.context(0, constructed=False)),
        "inhibit_policy_mapping": _number(inhibit, tags.context(1, constructed=False)),
    }


def _policy_mappings(element: Element) -> JsonValue:
    pairs = [each.fields() for each in element.expect(tags.SEQUENCE).children()]
    return [{"issuer_domain_policy": pair.take().oid(), "subject_domain_policy": pair.take().oid()} for pair in pairs]


def _private_key_usage_period(element: Element) -> JsonValue:
    fields = element.fields()
    not_before = fields.take_if(tags.context(0, constructed=False))
    not_after = fields.take_if(tags.context(1, constructed=False))
    fields.end()
    return {"not_before": _time(not_before), "not_after": _time(not_after)}


def _time(element: Element | None) -> str | None:
    """A GeneralizedTime under an IMPLICIT tag, in RFC 3339."""
    if element is None:
        return None
    time = Element(tags.GENERALIZED_TIME, element.content, element.encoded).time()
    return time.isoformat().replace("+00:00", "Z")


def _inhibit_any_policy(element: Element) -> JsonValue:
    return _number(element)


def _tls_feature(element: Element) -> JsonValue:
    return [_number(each) for each in element.expect(tags.SEQUENCE).children()]


def _nothing(element: Element) -> JsonValue:
    element.expect(tags.NULL)
    return None


_KINDS: dict[str, tuple[str, Callable[[Element], JsonValue] | None]] = {
    oids.CE_SUBJECT_KEY_IDENTIFIER: ("subject_key_identifier", _subject_key_identifier),
    oids.CE_KEY_USAGE: ("key_usage", _key_usage),
    oids.CE_PRIVATE_KEY_USAGE_PERIOD: ("private_key_usage_period", _private_key_usage_period),
    oids.CE_SUBJECT_ALT_NAME: ("subject_alternative_name", _sequence_of_names),
    oids.CE_ISSUER_ALT_NAME: ("issuer_alternative_name", _sequence_of_names),
    oids.CE_BASIC_CONSTRAINTS: ("basic_constraints", _basic_constraints),
    oids.CE_NAME_CONSTRAINTS: ("name_constraints", _name_constraints),
    oids.CE_CRL_DISTRIBUTION_POINTS: ("crl_distribution_points", _distribution_points),
    oids.CE_CERTIFICATE_POLICIES: ("certificate_policies", _certificate_policies),
    oids.CE_POLICY_MAPPINGS: ("policy_mappings", _policy_mappings),
    oids.CE_AUTHORITY_KEY_IDENTIFIER: ("authority_key_identifier", _authority_key_identifier),
    oids.CE_POLICY_CONSTRAINTS: ("policy_constraints", _policy_constraints),
    oids.CE_EXT_KEY_USAGE: ("extended_key_usage", _extended_key_usage),
    oids.CE_FRESHEST_CRL: ("freshest_crl", _distribution_points),
    oids.CE_INHIBIT_ANY_POLICY: ("inhibit_any_policy", _inhibit_any_policy),
    oids.PE_AUTHORITY_INFO_ACCESS: ("authority_information_access", _information_access),
    oids.PE_SUBJECT_INFO_ACCESS: ("subject_information_access", _information_access),
    oids.PE_TLS_FEATURE: ("tls_feature", _tls_feature),
    oids.OCSP_NO_CHECK: ("ocsp_no_check", _nothing),
    # Known by name only: what they say is not decoded.
    oids.CE_SUBJECT_DIRECTORY_ATTRIBUTES: ("subject_directory_attributes", None),
    oids.PE_QC_STATEMENTS: ("qualified_certificate_statements", None),
    oids.SIGNED_CERTIFICATE_TIMESTAMP_LIST: ("signed_certificate_timestamps", None),
    oids.PRECERTIFICATE_POISON: ("precertificate_poison", None),
    oids.ENROLL_CERTTYPE_EXTENSION: ("microsoft_certificate_template_name", None),
    oids.CERTIFICATE_TEMPLATE: ("microsoft_certificate_template", None),
    oids.APPLICATION_CERT_POLICIES: ("microsoft_application_policies", None),
    oids.NETSCAPE_CERT_TYPE: ("netscape_certificate_type", None),
    oids.NETSCAPE_COMMENT: ("netscape_comment", None),
}
