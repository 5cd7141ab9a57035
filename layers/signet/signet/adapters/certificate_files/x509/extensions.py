"""Decode the extensions of certificates (RFC 5280, 4.2), each for itself: a broken one spoils no other."""

import ipaddress
from base64 import b64encode
from collections.abc import Callable

from signet.adapters.certificate_files import asn1
from signet.adapters.certificate_files.asn1 import Asn1Error, Element, context
from signet.adapters.certificate_files.x509.certificate import Extension, hex_of_serial
from signet.adapters.certificate_files.x509.names import read_name, read_relative_name
from signet.domain.x509.certificate_details import ExtensionDetails, JsonValue
from signet.domain.x509.extended_key_usage import name_of_usage

MAX_NUMBER = 1 << 31
"""Path lengths and the like are small; JSON readers choke on the other kind."""

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
    "1.3.6.1.5.5.7.48.1": "ocsp",
    "1.3.6.1.5.5.7.48.2": "ca_issuers",
    "1.3.6.1.5.5.7.48.3": "time_stamping",
    "1.3.6.1.5.5.7.48.5": "ca_repository",
}
POLICIES = {
    "2.5.29.32.0": "any_policy",
    "2.23.140.1.1": "extended_validation",
    "2.23.140.1.2.1": "domain_validated",
    "2.23.140.1.2.2": "organization_validated",
    "2.23.140.1.2.3": "individual_validated",
    "2.23.140.1.3": "extended_validation_code_signing",
    "2.23.140.1.4.1": "code_signing",
    "2.23.140.1.4.2": "time_stamping",
}
"""The reserved policies of the CA/Browser Forum."""
_CPS = "1.3.6.1.5.5.7.2.1"
_USER_NOTICE = "1.3.6.1.5.5.7.2.2"
_TEXT_NAMES = {1: "email", 2: "dns", 6: "uri"}
_OPAQUE_NAMES = {3: "x400_address", 5: "edi_party_name"}


def extension_details(extension: Extension) -> ExtensionDetails:
    """`extension` as it is shown; in base64 if it is of an unknown kind, or broken."""
    raw = b64encode(extension.value).decode()
    name, decode = _KINDS.get(extension.oid, (extension.oid, None))
    if decode is None:
        return ExtensionDetails(extension.oid, name, extension.critical, raw)
    try:
        return ExtensionDetails(extension.oid, name, extension.critical, decode(asn1.parse(extension.value)))
    except Asn1Error as error:
        return ExtensionDetails(extension.oid, name, extension.critical, raw, error=str(error))


def extension_in_base64(extension: Extension, why: str) -> ExtensionDetails:
    """`extension` by its name alone, though it could be decoded."""
    name, _ = _KINDS.get(extension.oid, (extension.oid, None))
    return ExtensionDetails(extension.oid, name, extension.critical, b64encode(extension.value).decode(), error=why)


def general_name(element: Element, *, network: bool = False) -> JsonValue:
    """A GeneralName as `{type, value}` (RFC 5280, 4.2.1.6); `network` for name constraints, where an IP has a mask."""
    number = element.tag & 0x1F
    if element.tag & 0xC0 != 0x80 or element.tag > 0xFF:
        raise Asn1Error("An alternative name is of no known kind.")
    if kind := _TEXT_NAMES.get(number):
        return {"type": kind, "value": _ia5(element)}
    if kind := _OPAQUE_NAMES.get(number):
        return {"type": kind, "value": b64encode(element.content).decode()}
    match number:
        case 0:
            return _other_name(element)
        case 4:
            return {"type": "directory_name", "value": read_name(element.only()).text}
        case 7:
            return {"type": "ip", "value": _network(element.content) if network else _address(element.content)}
        case 8:
            return {"type": "registered_id", "value": element.oid(element.tag)}
    raise Asn1Error("An alternative name is of no known kind.")


def _general_names(element: Element) -> JsonValue:
    return [general_name(each) for each in element.children()]


def _sequence_of_names(element: Element) -> JsonValue:
    return _general_names(element.expect(asn1.SEQUENCE))


def _other_name(element: Element) -> JsonValue:
    """Its value as text where it is that, as Microsoft's user principal name is; else in base64."""
    fields = element.fields(tag=None)
    oid, value = fields.take().oid(), fields.take(context(0)).only()
    try:
        text = value.text()
    except Asn1Error:
        text = b64encode(value.encoded).decode()
    return {"type": "other_name", "oid": oid, "value": text}


def _address(packed: bytes) -> str:
    try:
        return str(ipaddress.ip_address(packed))
    except ValueError:
        raise Asn1Error("An IP address is neither 4 nor 16 bytes long.") from None


def _network(packed: bytes) -> str:
    """`192.0.2.0/24`; with the mask spelled out where it is no prefix."""
    half = len(packed) // 2
    address, mask = _address(packed[:half]), _address(packed[half:])
    ones = f"{int.from_bytes(packed[half:]):0{8 * half}b}"
    return f"{address}/{mask}" if "01" in ones else f"{address}/{ones.count('1')}"


def _ia5(element: Element) -> str:
    """An IA5String, though some issuers write UTF-8 or Latin-1 there."""
    try:
        return element.content.decode()
    except UnicodeDecodeError:
        return element.content.decode("latin-1")


def _display_text(element: Element) -> str:
    """A character string; of those that should be ASCII also what is not."""
    try:
        return element.text()
    except Asn1Error:
        if element.tag in {asn1.IA5_STRING, asn1.VISIBLE_STRING, asn1.UTF8_STRING}:
            return _ia5(element)
        raise


def _number(element: Element | None, tag: int = asn1.INTEGER) -> int | None:
    if element is None:
        return None
    value = element.integer(tag)
    if not 0 <= value < MAX_NUMBER:
        raise Asn1Error("A number is negative, or beyond reason.")
    return value


def _bits(element: Element, names: tuple[str, ...], tag: int = asn1.BIT_STRING) -> JsonValue:
    bits = element.named_bits(tag)
    return [names[bit] if bit < len(names) else str(bit) for bit in bits]


def _key_usage(element: Element) -> JsonValue:
    return _bits(element, KEY_USAGES)


def _extended_key_usage(element: Element) -> JsonValue:
    oids = [each.oid() for each in element.expect(asn1.SEQUENCE).children()]
    return [{"oid": oid, "name": name_of_usage(oid)} for oid in oids]


def _basic_constraints(element: Element) -> JsonValue:
    fields = element.fields()
    ca, path_length = fields.take_if(asn1.BOOLEAN), fields.take_if(asn1.INTEGER)
    fields.end()
    return {"ca": ca is not None and ca.boolean(), "path_length": _number(path_length)}


def _subject_key_identifier(element: Element) -> JsonValue:
    return element.octets().hex().upper()


def _authority_key_identifier(element: Element) -> JsonValue:
    fields = element.fields()
    key = fields.take_if(context(0, constructed=False))
    issuer = fields.take_if(context(1))
    serial = fields.take_if(context(2, constructed=False))
    fields.end()
    return {
        "key_identifier": key.content.hex().upper() if key else None,
        "issuer": _general_names(issuer) if issuer else [],
        "serial_number": hex_of_serial(serial.integer(serial.tag)) if serial else None,
    }


def _certificate_policies(element: Element) -> JsonValue:
    return [_policy(each) for each in element.expect(asn1.SEQUENCE).children()]


def _policy(element: Element) -> JsonValue:
    fields = element.fields()
    oid, qualifiers = fields.take().oid(), fields.take_if(asn1.SEQUENCE)
    fields.end()
    decoded: list[JsonValue] = [_qualifier(each) for each in qualifiers.children()] if qualifiers else []
    return {"oid": oid, "name": POLICIES.get(oid, oid), "qualifiers": decoded}


def _qualifier(element: Element) -> JsonValue:
    fields = element.fields()
    oid, value = fields.take().oid(), fields.take()
    if oid == _CPS:
        return {"type": "cps", "uri": _ia5(value)}
    if oid == _USER_NOTICE:
        return _user_notice(value)
    return {"type": oid, "value": b64encode(value.encoded).decode()}


def _user_notice(element: Element) -> JsonValue:
    fields = element.fields()
    reference, text = fields.take_if(asn1.SEQUENCE), fields.take_if(*_TEXT_TAGS)
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


_TEXT_TAGS = (asn1.IA5_STRING, asn1.VISIBLE_STRING, asn1.BMP_STRING, asn1.UTF8_STRING)


def _distribution_points(element: Element) -> JsonValue:
    return [_distribution_point(each) for each in element.expect(asn1.SEQUENCE).children()]


def _distribution_point(element: Element) -> JsonValue:
    fields = element.fields()
    point, reasons, issuer = (
        fields.take_if(context(0)),
        fields.take_if(context(1, constructed=False)),
        fields.take_if(context(2)),
    )
    fields.end()
    names: JsonValue = []
    relative_name = None
    if point:
        name = point.only()
        if name.tag == context(0):
            names = _general_names(name)
        else:
            relative_name = read_relative_name(name.expect(context(1))).text
    return {
        "names": names,
        "relative_name": relative_name,
        "reasons": _bits(reasons, REASONS, reasons.tag) if reasons else None,
        "crl_issuer": _general_names(issuer) if issuer else [],
    }


def _information_access(element: Element) -> JsonValue:
    return [_access(each) for each in element.expect(asn1.SEQUENCE).children()]


def _access(element: Element) -> JsonValue:
    fields = element.fields()
    oid, location = fields.take().oid(), fields.take()
    fields.end()
    return {"oid": oid, "method": ACCESS_METHODS.get(oid, oid), "location": general_name(location)}


def _name_constraints(element: Element) -> JsonValue:
    fields = element.fields()
    permitted, excluded = fields.take_if(context(0)), fields.take_if(context(1))
    fields.end()
    return {"permitted": _subtrees(permitted), "excluded": _subtrees(excluded)}


def _subtrees(element: Element | None) -> JsonValue:
    """The bases; their minimum and maximum are not used (RFC 5280, 4.2.1.10)."""
    return [general_name(each.fields().take(), network=True) for each in element.children()] if element else []


def _policy_constraints(element: Element) -> JsonValue:
    fields = element.fields()
    explicit = fields.take_if(context(0, constructed=False))
    inhibit = fields.take_if(context(1, constructed=False))
    fields.end()
    return {
        "require_explicit_policy": _number(explicit, context(0, constructed=False)),
        "inhibit_policy_mapping": _number(inhibit, context(1, constructed=False)),
    }


def _policy_mappings(element: Element) -> JsonValue:
    pairs = [each.fields() for each in element.expect(asn1.SEQUENCE).children()]
    return [{"issuer_domain_policy": pair.take().oid(), "subject_domain_policy": pair.take().oid()} for pair in pairs]


def _private_key_usage_period(element: Element) -> JsonValue:
    fields = element.fields()
    not_before = fields.take_if(context(0, constructed=False))
    not_after = fields.take_if(context(1, constructed=False))
    fields.end()
    return {"not_before": _time(not_before), "not_after": _time(not_after)}


def _time(element: Element | None) -> str | None:
    """A GeneralizedTime under an IMPLICIT tag, in RFC 3339."""
    if element is None:
        return None
    time = Element(asn1.GENERALIZED_TIME, element.content, element.encoded, ber=False).time()
    return time.isoformat().replace("+00:00", "Z")


def _inhibit_any_policy(element: Element) -> JsonValue:
    return _number(element)


def _tls_feature(element: Element) -> JsonValue:
    return [_number(each) for each in element.expect(asn1.SEQUENCE).children()]


def _nothing(element: Element) -> JsonValue:
    element.expect(asn1.NULL)
    return None


_KINDS: dict[str, tuple[str, Callable[[Element], JsonValue] | None]] = {
    "2.5.29.14": ("subject_key_identifier", _subject_key_identifier),
    "2.5.29.15": ("key_usage", _key_usage),
    "2.5.29.16": ("private_key_usage_period", _private_key_usage_period),
    "2.5.29.17": ("subject_alternative_name", _sequence_of_names),
    "2.5.29.18": ("issuer_alternative_name", _sequence_of_names),
    "2.5.29.19": ("basic_constraints", _basic_constraints),
    "2.5.29.30": ("name_constraints", _name_constraints),
    "2.5.29.31": ("crl_distribution_points", _distribution_points),
    "2.5.29.32": ("certificate_policies", _certificate_policies),
    "2.5.29.33": ("policy_mappings", _policy_mappings),
    "2.5.29.35": ("authority_key_identifier", _authority_key_identifier),
    "2.5.29.36": ("policy_constraints", _policy_constraints),
    "2.5.29.37": ("extended_key_usage", _extended_key_usage),
    "2.5.29.46": ("freshest_crl", _distribution_points),
    "2.5.29.54": ("inhibit_any_policy", _inhibit_any_policy),
    "1.3.6.1.5.5.7.1.1": ("authority_information_access", _information_access),
    "1.3.6.1.5.5.7.1.11": ("subject_information_access", _information_access),
    "1.3.6.1.5.5.7.1.24": ("tls_feature", _tls_feature),
    "1.3.6.1.5.5.7.48.1.5": ("ocsp_no_check", _nothing),
    # Known by name only: what they say is of their own world.
    "2.5.29.9": ("subject_directory_attributes", None),
    "1.3.6.1.5.5.7.1.3": ("qualified_certificate_statements", None),
    "1.3.6.1.4.1.11129.2.4.2": ("signed_certificate_timestamps", None),
    "1.3.6.1.4.1.11129.2.4.3": ("precertificate_poison", None),
    "1.3.6.1.4.1.311.20.2": ("microsoft_certificate_template_name", None),
    "1.3.6.1.4.1.311.21.7": ("microsoft_certificate_template", None),
    "1.3.6.1.4.1.311.21.10": ("microsoft_application_policies", None),
    "2.16.840.1.113730.1.1": ("netscape_certificate_type", None),
    "2.16.840.1.113730.1.13": ("netscape_comment", None),
}
