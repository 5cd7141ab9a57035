"""As much of DER (X.690) and X.509 (RFC 5280) as the objects of a token are made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

SEQUENCE = 0x30
INTEGER = 0x02
BIT_STRING = 0x03
OBJECT_IDENTIFIER = 0x06
VERSION = 0xA0

RSA_ENCRYPTION = bytes.fromhex("06092a864886f70d010101")
EC_PUBLIC_KEY = bytes.fromhex("06072a8648ce3d0201")
COMMON_NAME = bytes.fromhex("0603550403")

CURVE_BYTES = {
    bytes.fromhex("06082a8648ce3d030107"): 32,
    bytes.fromhex("06052b81040022"): 48,
    bytes.fromhex("06052b81040023"): 66,
}
"""How long a coordinate is, by named curve: P-256, P-384, P-521."""


class DerError(ValueError):
    """These bytes are no DER of the expected kind."""


@dataclass(frozen=True, slots=True)
class Element:
    """One value: its tag, its contents, and all of it."""

    tag: int
    contents: bytes
    encoded: bytes

    def children(self) -> list[Element]:
        """The values within."""
        return list(elements(self.contents))


def elements(data: bytes) -> Iterator[Element]:
    """The values that stand one behind the other in `data`."""
    at = 0
    while at < len(data):
        start = at
        if at + 2 > len(data):
            raise DerError("a value ends before its length")
        tag, length = data[at], data[at + 1]
        at += 2
        if length & 0x80:
            octets = length & 0x7F
            if not 1 <= octets <= 4 or at + octets > len(data):
                raise DerError("a length is not definite, or too long")
            length = int.from_bytes(data[at : at + octets], "big")
            at += octets
        if at + length > len(data):
            raise DerError("a value is longer than what holds it")
        yield Element(tag, data[at : at + length], data[start : at + length])
        at += length


def encode(tag: int, contents: bytes) -> bytes:
    """One value."""
    length = len(contents)
    if length < 0x80:
        return bytes((tag, length)) + contents
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + contents


@dataclass(frozen=True, slots=True)
class RsaPublicKey:
    """Modulus and exponent."""

    modulus: int
    exponent: int

    @property
    def bits(self) -> int:
        """The length of the modulus."""
        return self.modulus.bit_length()


@dataclass(frozen=True, slots=True)
class EcPublicKey:
    """A point on a named curve."""

    curve: bytes
    """The object identifier, DER."""
    point: bytes
    """Uncompressed (SEC 1, 2.3.3)."""

    @property
    def coordinate_bytes(self) -> int:
        """How long one number of a signature is."""
        return CURVE_BYTES[self.curve]

    @property
    def bits(self) -> int:
        """The size of the field."""
        return {32: 256, 48: 384, 66: 521}[self.coordinate_bytes]


@dataclass(frozen=True, slots=True)
class X509:
    """What PKCS#11 tells of a certificate."""

    der: bytes
    serial_number: bytes
    """DER, with tag and length, as CKA_SERIAL_NUMBER wants it."""
    issuer: bytes
    subject: bytes
    common_name: str
    spki: bytes
    public_key: RsaPublicKey | EcPublicKey | None
    """None for a key of another kind, which the agent does not sign with."""


def read_certificate(der: bytes) -> X509:
    """What `der` says (RFC 5280, 4.1).

    Raises:
        DerError: it is no certificate.
    """
    try:
        (certificate,) = elements(der)
        fields = certificate.children()[0].children()
        if fields[0].tag == VERSION:
            fields = fields[1:]
        serial_number, _, issuer, _, subject, spki = fields[:6]
        return X509(
            der,
            serial_number.encoded,
            issuer.encoded,
            subject.encoded,
            _common_name(subject),
            spki.encoded,
            _public_key(spki),
        )
    except (IndexError, ValueError) as error:
        raise DerError("this is no X.509 certificate") from error


def _common_name(name: Element) -> str:
    found = ""
    for relative_name in name.children():
        for attribute in relative_name.children():
            kind, value = attribute.children()[:2]
            if kind.encoded == COMMON_NAME:
                found = value.contents.decode("utf-16-be" if value.tag == 0x1E else "utf-8", "replace")
    return found


def _public_key(spki: Element) -> RsaPublicKey | EcPublicKey | None:
    algorithm, key = spki.children()[:2]
    kind, *parameters = algorithm.children()
    if key.tag != BIT_STRING or key.contents[:1] != b"\x00":
        raise DerError("the public key is no string of whole bytes")
    bits = key.contents[1:]
    if kind.encoded == RSA_ENCRYPTION:
        (sequence,) = elements(bits)
        modulus, exponent = (int.from_bytes(part.contents, "big") for part in sequence.children()[:2])
        return RsaPublicKey(modulus, exponent)
    if kind.encoded == EC_PUBLIC_KEY and parameters and parameters[0].encoded in CURVE_BYTES:
        return EcPublicKey(parameters[0].encoded, bits)
    return None


def fixed_width_signature(der: bytes, coordinate_bytes: int) -> bytes:
    """An ECDSA signature in DER (RFC 3279, 2.2.3) as PKCS#11 has it: both numbers, each as long as the curve's field.

    Raises:
        DerError: it is none.
    """
    found = list(elements(der))
    if len(found) != 1 or found[0].tag != SEQUENCE:
        raise DerError("this is no ECDSA signature")
    parts = found[0].children()
    if [part.tag for part in parts] != [INTEGER, INTEGER]:
        raise DerError("this is no ECDSA signature")
    numbers = [int.from_bytes(part.contents, "big") for part in parts]
    try:
        return b"".join(number.to_bytes(coordinate_bytes, "big") for number in numbers)
    except OverflowError as error:
        raise DerError("a number of the signature is too long for its curve") from error
