"""Read a PKCS#12 file (RFC 7292): check its MAC, open its parts, and list what is in them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from signet.adapters.certificate_files import ber
from signet.adapters.certificate_files.keys.key_derivation import Password, positive
from signet.adapters.certificate_files.keys.password_encryption import decrypt
from signet.adapters.certificate_files.pkcs7 import content_info
from signet.adapters.certificate_files.pkcs12_mac import Mac
from signet.adapters.certificate_files.work import WorkBudget
from signet.domain.asn1 import object_identifiers as oids
from signet.domain.asn1 import tags
from signet.domain.asn1.reader import Asn1Error, Element
from signet.domain.errors import UnsupportedFormatError, WrongPasswordError
from signet.domain.text.visible_text import can_be_printed

_VERSION = 3
_GUID = r"\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?"
_KEY_CONTAINER = re.compile(
    rf"(?:(?:te|le|lp|tp|tq|pvktmp)[-:](?:.*[-:])?)?{_GUID}|[0-9a-f]{{32}}_{_GUID}|Imported (?:Private )?Key",
    re.IGNORECASE,
)
"""The names that Windows and macOS give a key that nobody named: no person would search for one of these."""
MAX_NESTING = 8
"""Safe contents in safe contents; real files have none."""


@dataclass(frozen=True, slots=True)
class Attributes:
    """What is written beside a key or a certificate (RFC 7292, 4.2)."""

    friendly_name: str | None = None
    """The name that people gave (RFC 2985, 5.5.1); None where there is none that can be read and shown."""
    local_key_id: bytes | None = None
    """The same at a key and at the certificate that goes with it (RFC 2985, 5.5.2)."""


@dataclass(frozen=True, slots=True)
class KeyBag:
    """A private key, still encrypted perhaps."""

    key: Element = field(repr=False)
    readings: tuple[Password, ...] = field(repr=False)
    """What the file's password may mean, by its MAC."""
    attributes: Attributes


@dataclass(frozen=True, slots=True)
class CertificateBag:
    """A certificate."""

    der: bytes
    attributes: Attributes


def bags_in_pkcs12(pfx: Element, readings: tuple[Password, ...], budget: WorkBudget) -> list[KeyBag | CertificateBag]:
    """Every key and every certificate in `pfx`; bags of other kinds are passed over.

    Raises:
        WrongPasswordError: none of `readings` opens it.
        UnsupportedFormatError: protected by public keys, or by algorithms that are not read here.
        UnreadableFileError: it asks for more work than is left in `budget`.
        Asn1Error: it is broken.
    """
    fields = pfx.fields()
    if fields.take().integer() != _VERSION:
        raise Asn1Error("There is no such version of PKCS#12.")
    oid, content = content_info(fields.take())
    if oid != oids.DATA or content is None:
        raise UnsupportedFormatError("The PKCS#12 file is signed with a public key; only passwords are supported.")
    authenticated = content.octets()
    mac = fields.take_if(tags.SEQUENCE)
    if mac is not None:
        readings = _read_mac(mac).readings_of(authenticated, readings, budget)
        if not readings:
            raise WrongPasswordError("The password does not open the file.")
    safe = ber.parse(authenticated)
    return [bag for part in safe.expect(tags.SEQUENCE).children() for bag in _bags_in_part(part, readings, budget)]


def _read_mac(element: Element) -> Mac:
    """MacData (RFC 7292, 4)."""
    fields = element.fields()
    info = fields.take().fields()
    salt, iterations = fields.take().octets(), fields.take_if(tags.INTEGER)
    return Mac(info.take(tags.SEQUENCE), info.take().octets(), salt, positive(iterations) if iterations else 1)


def _bags_in_part(
    part: Element, readings: tuple[Password, ...], budget: WorkBudget
) -> Iterator[KeyBag | CertificateBag]:
    """The bags of one ContentInfo of the authenticated safe."""
    oid, content = content_info(part)
    if content is None:
        raise Asn1Error("A part of the PKCS#12 file is empty.")
    if oid == oids.DATA:
        contents = content.octets()
    elif oid == oids.ENCRYPTED_DATA:
        contents = _decrypted(content, readings, budget)
    else:
        raise UnsupportedFormatError("A part of the PKCS#12 file is encrypted to a public key.")
    yield from _bags_in(ber.parse(contents), readings, depth=0)


def _decrypted(encrypted_data: Element, readings: tuple[Password, ...], budget: WorkBudget) -> bytes:
    """What an EncryptedData holds (RFC 5652, 8)."""
    fields = encrypted_data.fields()
    fields.take(tags.INTEGER)
    info = fields.take().fields()
    info.take(tags.OBJECT_IDENTIFIER)
    algorithm = info.take(tags.SEQUENCE)
    return decrypt(algorithm, info.take().octets(tags.context(0, constructed=False)), readings, budget)


def _bags_in(
    safe_contents: Element, readings: tuple[Password, ...], *, depth: int
) -> Iterator[KeyBag | CertificateBag]:
    if depth > MAX_NESTING:
        raise Asn1Error("The PKCS#12 file nests its contents too deeply.")
    for bag in safe_contents.expect(tags.SEQUENCE).children():
        fields = bag.fields()
        oid, value = fields.take().oid(), fields.take(tags.context(0)).only()
        attributes = fields.take_if(tags.SET)
        if oid in {oids.KEY_BAG, oids.PKCS8_SHROUDED_KEY_BAG}:
            yield KeyBag(value, readings, _attributes(attributes))
        elif oid == oids.CERT_BAG:
            yield from _certificate(value, _attributes(attributes))
        elif oid == oids.SAFE_CONTENTS_BAG:
            yield from _bags_in(value, readings, depth=depth + 1)


def _certificate(value: Element, attributes: Attributes) -> Iterator[CertificateBag]:
    """RFC 7292, 4.2.3; the other kind, SDSI, is passed over."""
    fields = value.fields()
    if fields.take().oid() == oids.X509_CERTIFICATE:
        yield CertificateBag(fields.take(tags.context(0)).only().octets(), attributes)


def _attributes(attributes: Element | None) -> Attributes:
    """Where an attribute is given twice, the first counts. A broken one counts as absent."""
    values: dict[str, Element] = {}
    for attribute in attributes.children() if attributes else ():
        fields = attribute.fields()
        oid = fields.take().oid()
        if oid in {oids.FRIENDLY_NAME, oids.LOCAL_KEY_ID}:
            try:
                values.setdefault(oid, fields.take(tags.SET).only())
            except Asn1Error:
                continue
    return Attributes(_friendly_name(values.get(oids.FRIENDLY_NAME)), _local_key_id(values.get(oids.LOCAL_KEY_ID)))


def _friendly_name(value: Element | None) -> str | None:
    try:
        name = value.text().rstrip("\x00").strip() if value else ""
    except Asn1Error:
        return None
    return name if can_be_printed(name) and name and not _KEY_CONTAINER.fullmatch(name) else None


def _local_key_id(value: Element | None) -> bytes | None:
    try:
        return value.octets() if value else None
    except Asn1Error:
        return None
