"""The names that stand in extensions, as they are shown (RFC 5280, 4.2.1.6)."""

import ipaddress
from base64 import b64encode

from signet.domain.asn1.reader import Asn1Error, Element
from signet.domain.asn1.tags import context
from signet.domain.x509.certificate_details import JsonValue
from signet.domain.x509.distinguished_name import DistinguishedName
from signet.domain.x509.general_name import DIRECTORY_NAME_TAG, KIND_TAGS

_TEXT_NAMES = {KIND_TAGS[kind]: kind for kind in ("email", "dns", "uri")}
_OPAQUE_NAMES = {context(3): "x400_address", context(5): "edi_party_name"}
_OTHER_NAME = context(0)
_REGISTERED_ID = context(8, constructed=False)


def general_name(element: Element, *, network: bool = False) -> JsonValue:
    """A GeneralName as `{type, value}` (RFC 5280, 4.2.1.6); `network` for name constraints, where an IP has a mask."""
    if kind := _TEXT_NAMES.get(element.tag):
        return {"type": kind, "value": ia5_text(element)}
    if kind := _OPAQUE_NAMES.get(element.tag):
        return {"type": kind, "value": b64encode(element.content).decode()}
    if element.tag == _OTHER_NAME:
        return _other_name(element)
    if element.tag == DIRECTORY_NAME_TAG:
        return {"type": "directory_name", "value": DistinguishedName.read(element.only()).text}
    if element.tag == KIND_TAGS["ip"]:
        return {"type": "ip", "value": _network(element.content) if network else _address(element.content)}
    if element.tag == _REGISTERED_ID:
        return {"type": "registered_id", "value": element.oid(_REGISTERED_ID)}
    raise Asn1Error("An alternative name is of no known kind.")


def general_names(element: Element) -> JsonValue:
    """The members of a GeneralNames, whatever its tag."""
    return [general_name(each) for each in element.children()]


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


def ia5_text(element: Element) -> str:
    """An IA5String, though some issuers write UTF-8 or Latin-1 there."""
    try:
        return element.content.decode()
    except UnicodeDecodeError:
        return element.content.decode("latin-1")
