"""Read one X.509 certificate (RFC 5280, 4.1), strictly in its structure and leniently in what it says."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from signet.adapters.certificate_files.x509.names import comparable
from signet.domain.asn1 import object_identifiers as oids
from signet.domain.asn1 import reader, tags
from signet.domain.asn1.reader import Asn1Error, Element, Fields
from signet.domain.x509.distinguished_name import DistinguishedName

MAX_VERSION_TOLD = 100


@dataclass(frozen=True, slots=True)
class Extension:
    """One extension, not yet decoded."""

    oid: str
    critical: bool
    value: bytes
    """What the OCTET STRING wraps: DER, if the issuer kept to the rules."""


@dataclass(frozen=True)
class X509Certificate:
    """The fields of a certificate. Two with the same bytes are equal."""

    der: bytes
    version: int
    """1 to 3, as people count them."""
    serial_number: int
    issuer: DistinguishedName
    not_before: datetime
    not_after: datetime
    subject: DistinguishedName
    public_key_info: Element
    """The SubjectPublicKeyInfo."""
    extensions: tuple[Extension, ...]
    to_be_signed: bytes
    signature_algorithm: str
    """Its object identifier."""
    signature: bytes

    def __eq__(self, other: object) -> bool:
        return isinstance(other, X509Certificate) and self.der == other.der

    def __hash__(self) -> int:
        return hash(self.der)

    @classmethod
    def read(cls, der: bytes) -> "X509Certificate":
        """Take `der` apart.

        Raises:
            Asn1Error: it is not a certificate, or a broken one.
        """
        fields = reader.parse(der).fields()
        to_be_signed = fields.take(tags.SEQUENCE)
        algorithm, _ = reader.algorithm(fields.take())
        signature = fields.take(tags.BIT_STRING).content[
            1:
        ]  # A bad signature is not refused here: it only ends the path.
        fields.end()

        fields = to_be_signed.fields()
        version = _version(fields)
        serial_number = fields.take().integer()
        fields.take(tags.SEQUENCE)  # The signature algorithm once more.
        issuer = DistinguishedName.read(fields.take())
        validity = fields.take().fields()
        subject = DistinguishedName.read(fields.take())
        public_key_info = fields.take(tags.SEQUENCE)
        fields.take_if(tags.context(1, constructed=False))  # The unique identifiers that nobody uses.
        fields.take_if(tags.context(2, constructed=False))
        extensions = fields.take_if(tags.context(3))
        fields.end()

        not_before, not_after = _time(validity.take(), "notBefore"), _time(validity.take(), "notAfter")
        validity.end()
        return cls(
            der, version, serial_number, issuer, not_before, not_after, subject, public_key_info,
            _extensions(extensions), to_be_signed.encoded, algorithm, signature,
        )  # fmt: skip

    @property
    def serial_number_hex(self) -> str:
        """As `openssl x509 -serial` writes it: whole bytes in upper case, a minus before a negative one."""
        return hex_of_serial(self.serial_number)

    @property
    def thumbprint_sha1(self) -> str:
        """Upper-case hex."""
        return hashlib.sha1(self.der, usedforsecurity=False).hexdigest().upper()

    @property
    def thumbprint_sha256(self) -> str:
        """Upper-case hex."""
        return hashlib.sha256(self.der).hexdigest().upper()

    @cached_property
    def is_self_issued(self) -> bool:
        """Whether subject and issuer are one name (RFC 5280, 3.2), whoever signed it."""
        return comparable(self.subject) == comparable(self.issuer)

    @property
    def is_authority(self) -> bool:
        """Whether its basic constraints say that it is a CA's (RFC 5280, 4.2.1.9), where they can be read."""
        value = self._extension(oids.CE_BASIC_CONSTRAINTS)
        try:
            ca = reader.parse(value).fields().take_if(tags.BOOLEAN) if value else None
            return ca is not None and ca.boolean()
        except Asn1Error:
            return False

    def is_in_force(self, at: datetime) -> bool:
        """Whether `at` lies within its validity, both ends included (RFC 5280, 4.1.2.5)."""
        return self.not_before <= at <= self.not_after

    @cached_property
    def subject_key_identifier(self) -> bytes | None:
        """Where the extension is there and can be read."""
        value = self._extension(oids.CE_SUBJECT_KEY_IDENTIFIER)
        try:
            return reader.parse(value).octets() if value else None
        except Asn1Error:
            return None

    @cached_property
    def authority_key_identifier(self) -> bytes | None:
        """The key identifier in it, where the extension is there and can be read."""
        value = self._extension(oids.CE_AUTHORITY_KEY_IDENTIFIER)
        try:
            field = reader.parse(value).fields().take_if(tags.context(0, constructed=False)) if value else None
        except Asn1Error:
            return None
        return field.content if field else None

    def _extension(self, oid: str) -> bytes | None:
        return next((extension.value for extension in self.extensions if extension.oid == oid), None)


def hex_of_serial(number: int) -> str:
    """`number` in upper-case hex, in whole bytes."""
    digits = f"{abs(number):X}"
    return ("-" if number < 0 else "") + digits.zfill(len(digits) + len(digits) % 2)


def _version(fields: Fields) -> int:
    explicit = fields.take_if(tags.context(0))
    number = explicit.only().integer() if explicit else 0
    if number not in {0, 1, 2}:
        stated = f"version {number + 1}" if 0 <= number < MAX_VERSION_TOLD else "a version beyond reason"
        raise Asn1Error(f"The certificate states {stated}; X.509 has the versions 1 to 3.")
    return number + 1


def _time(element: Element, field: str) -> datetime:
    try:
        return element.time()
    except Asn1Error as error:
        raise Asn1Error(f"The certificate's {field} is no time as RFC 5280, 4.1.2.5 wants it. {error}") from None


def _extensions(explicit: Element | None) -> tuple[Extension, ...]:
    return () if explicit is None else read_extensions(explicit.only())


def read_extensions(extensions: Element) -> tuple[Extension, ...]:
    """The members of an Extensions (RFC 5280, 4.1), none of them decoded.

    Raises:
        Asn1Error: it is none.
    """
    return tuple(_extension(each.fields()) for each in extensions.expect(tags.SEQUENCE).children())


def _extension(fields: Fields) -> Extension:
    oid = fields.take().oid()
    critical = fields.take_if(tags.BOOLEAN)
    value = fields.take().octets()
    fields.end()
    return Extension(oid, critical is not None and critical.boolean(), value)
