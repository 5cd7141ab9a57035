"""What a certificate, or a certification request, says in the extensions that a CA is asked for.

What cannot be read is left out, and `left_out` tells of it. So every certificate that was imported can be renewed,
whatever its issuer wrote.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from signet.adapters.certificate_files.x509.certificate import Extension, read_extensions
from signet.adapters.certificate_files.x509.general_names import general_name
from signet.domain.asn1 import object_identifiers as oids
from signet.domain.asn1 import reader, tags
from signet.domain.asn1.reader import Asn1Error, Element
from signet.domain.signing_requests.csr_command import KEY_USAGE_LEFT_OUT, NAMES_LEFT_OUT, USAGES_LEFT_OUT
from signet.domain.x509.distinguished_name import DistinguishedName
from signet.domain.x509.general_name import GeneralName

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AskedExtensions:
    """Names and usages, as far as they can be read."""

    names: tuple[GeneralName, ...] = ()
    usages: tuple[str, ...] = ()
    """Identifiers of the ExtendedKeyUsage."""
    usages_are_critical: bool = False
    key_usage: bytes | None = None
    """DER of the KeyUsage."""
    left_out: tuple[str, ...] = ()
    """What could not be read, wholly or in part, as the warnings of a renewal call it."""

    @property
    def key_usage_bits(self) -> frozenset[int]:
        """The numbers of the bits of the KeyUsage (RFC 5280, 4.2.1.3)."""
        return frozenset() if self.key_usage is None else frozenset(reader.parse(self.key_usage).named_bits())


def asked_extensions(extensions: Iterable[Extension]) -> AskedExtensions:
    """Names and usages in `extensions`; of an extension that stands twice (RFC 5280, 4.2 forbids it), the first."""
    by_oid: dict[str, Extension] = {}
    for extension in extensions:
        by_oid.setdefault(extension.oid, extension)
    names, names_are_whole = _readable(by_oid.get(oids.CE_SUBJECT_ALT_NAME), _name)
    usages, usages_are_whole = _readable(by_oid.get(oids.CE_EXT_KEY_USAGE), Element.oid)
    key_usage, key_usage_is_whole = _key_usage(by_oid.get(oids.CE_KEY_USAGE))
    left_out = {
        NAMES_LEFT_OUT: not names_are_whole,
        USAGES_LEFT_OUT: not usages_are_whole,
        KEY_USAGE_LEFT_OUT: not key_usage_is_whole,
    }
    return AskedExtensions(
        names,
        usages,
        oids.CE_EXT_KEY_USAGE in by_oid and by_oid[oids.CE_EXT_KEY_USAGE].critical,
        key_usage,
        tuple(name for name, is_so in left_out.items() if is_so),
    )


def read_request(csr: bytes) -> tuple[DistinguishedName, AskedExtensions]:
    """Subject, names and usages of the certification request `csr`, DER (RFC 2986, 4.1).

    Raises:
        Asn1Error: it is none.
    """
    fields = reader.parse(csr).fields().take(tags.SEQUENCE).fields()
    fields.take()  # The version.
    subject = DistinguishedName.read(fields.take())
    fields.take()  # The public key.
    attributes = fields.take_if(tags.context(0))
    extensions: list[Extension] = []
    for attribute in attributes.children() if attributes else []:
        parts = attribute.fields()
        if parts.take().oid() == oids.EXTENSION_REQUEST:
            extensions += read_extensions(parts.take(tags.SET).only())
    return subject, asked_extensions(extensions)


def _readable(extension: Extension | None, read: Callable[[Element], T]) -> tuple[tuple[T, ...], bool]:
    """The members of the SEQUENCE in `extension` that `read` can read, and whether these are all."""
    if extension is None:
        return (), True
    try:
        members = reader.parse(extension.value).expect(tags.SEQUENCE).children()
    except Asn1Error:
        return (), False
    found: list[T] = []
    for member in members:
        try:
            found.append(read(member))
        except Asn1Error:
            continue
    return tuple(found), len(found) == len(members)


def _name(element: Element) -> GeneralName:
    general_name(element)  # Or Asn1Error.
    return GeneralName(element.encoded)


def _key_usage(extension: Extension | None) -> tuple[bytes | None, bool]:
    if extension is None:
        return None, True
    try:
        reader.parse(extension.value).named_bits()
    except Asn1Error:
        return None, False
    return extension.value, True
