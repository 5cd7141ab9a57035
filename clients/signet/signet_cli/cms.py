"""Detached signatures in CMS (RFC 5652): SignedData with signed attributes, the certificate and its path.

pyca's builder wants the private key, so the structure is put together here; what is signed is the DER of the signed
attributes (5.4). What comes out is held against openssl by the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from signet_cli.pkcs11.der import INTEGER, OBJECT_IDENTIFIER, SEQUENCE, Element, elements, encode

_SET = 0x31
_OCTET_STRING = 0x04
_NULL = bytes((0x05, 0x00))
_UTC_TIME = 0x17
_GENERALIZED_TIME = 0x18
_CONSTRUCTED_0 = 0xA0
_LAST_UTC_YEAR = 2049


def _oid(dotted: str) -> bytes:
    first, second, *rest = (int(part) for part in dotted.split("."))
    content = bytearray()
    for number in (40 * first + second, *rest):
        groups = [number & 0x7F]
        while number := number >> 7:
            groups.insert(0, 0x80 | (number & 0x7F))
        content += bytes(groups)
    return encode(OBJECT_IDENTIFIER, bytes(content))


DATA = _oid("1.2.840.113549.1.7.1")
SIGNED_DATA = _oid("1.2.840.113549.1.7.2")
CONTENT_TYPE = _oid("1.2.840.113549.1.9.3")
MESSAGE_DIGEST = _oid("1.2.840.113549.1.9.4")
SIGNING_TIME = _oid("1.2.840.113549.1.9.5")
_MGF1 = _oid("1.2.840.113549.1.1.8")
_RSASSA_PSS = _oid("1.2.840.113549.1.1.10")

_DIGESTS = {"256": "2.16.840.1.101.3.4.2.1", "384": "2.16.840.1.101.3.4.2.2", "512": "2.16.840.1.101.3.4.2.3"}
_ECDSA = {"256": "1.2.840.10045.4.3.2", "384": "1.2.840.10045.4.3.3", "512": "1.2.840.10045.4.3.4"}
_RSA = "1.2.840.113549.1.1.1"


def _sequence(*parts: bytes) -> bytes:
    return encode(SEQUENCE, b"".join(parts))


def _set(*parts: bytes) -> bytes:
    return encode(_SET, b"".join(sorted(parts)))


def _integer(number: int) -> bytes:
    return encode(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def digest_algorithm(bits: str) -> bytes:
    """AlgorithmIdentifier of SHA-2 (RFC 5754, 2)."""
    return _sequence(_oid(_DIGESTS[bits]))


def signature_algorithm(algorithm: str) -> bytes:
    """AlgorithmIdentifier of a signing algorithm of the service (RFC 5754, 3; RFC 4056, 3)."""
    bits = algorithm[-3:]
    if algorithm.startswith("RSASSA_PSS"):
        hash_algorithm = digest_algorithm(bits)
        parameters = (
            encode(_CONSTRUCTED_0, hash_algorithm),
            encode(_CONSTRUCTED_0 + 1, _sequence(_MGF1, hash_algorithm)),
            encode(_CONSTRUCTED_0 + 2, _integer(int(bits) // 8)),
        )
        return _sequence(_RSASSA_PSS, _sequence(*parameters))
    if algorithm.startswith("RSASSA_PKCS1"):
        return _sequence(_oid(_RSA), _NULL)
    return _sequence(_oid(_ECDSA[bits]))


def detached(
    digest: bytes,
    algorithm: str,
    certificate: x509.Certificate,
    chain: Sequence[x509.Certificate],
    sign: Callable[[bytes], bytes],
    at: datetime | None = None,
) -> bytes:
    """SignedData without the data, whose `digest` is given; `sign` signs the bytes that it is called with."""
    bits = algorithm[-3:]
    attributes = [
        _sequence(CONTENT_TYPE, _set(DATA)),
        _sequence(SIGNING_TIME, _set(_time(at or datetime.now(UTC)))),
        _sequence(MESSAGE_DIGEST, _set(encode(_OCTET_STRING, digest))),
    ]
    signature = sign(_set(*attributes))
    signer = _sequence(
        _integer(1),
        _sequence(certificate.issuer.public_bytes(), _integer(certificate.serial_number)),
        digest_algorithm(bits),
        encode(_CONSTRUCTED_0, b"".join(sorted(attributes))),
        signature_algorithm(algorithm),
        encode(_OCTET_STRING, signature),
    )
    certificates = sorted({each.public_bytes(Encoding.DER) for each in (certificate, *chain)})
    signed_data = _sequence(
        _integer(1),
        _set(digest_algorithm(bits)),
        _sequence(DATA),
        encode(_CONSTRUCTED_0, b"".join(certificates)),
        _set(signer),
    )
    return _sequence(SIGNED_DATA, encode(_CONSTRUCTED_0, signed_data))


def _time(moment: datetime) -> bytes:
    if moment.year <= _LAST_UTC_YEAR:
        return encode(_UTC_TIME, moment.strftime("%y%m%d%H%M%SZ").encode())
    return encode(_GENERALIZED_TIME, moment.strftime("%Y%m%d%H%M%SZ").encode())


@dataclass(frozen=True)
class SignedParts:
    """What a detached signature is verified by."""

    bits: str
    """Of the hash: `256`, `384` or `512`."""
    digest: bytes
    """Of the data, as the signed attributes say it."""
    attributes: bytes
    """The signed attributes as they were signed: DER of a SET."""
    signature: bytes
    is_pss: bool

    def algorithm_for(self, key_algorithm: str) -> str:
        """The signing algorithm, for the signer's kind of key."""
        if not key_algorithm.startswith("RSA"):
            return f"ECDSA_SHA_{self.bits}"
        return f"{'RSASSA_PSS' if self.is_pss else 'RSASSA_PKCS1_V1_5'}_SHA_{self.bits}"


def signed_parts(cms: bytes) -> SignedParts:
    """What is in a detached signature of one signer, as `detached` makes it.

    Raises:
        ValueError: it is none.
    """
    try:
        (info,) = elements(cms)
        kind, explicit = info.children()
        signed_data = explicit.children()[0].children()
        (signer,) = signed_data[-1].children()
        _, _, digest_kind, attributes, signature_kind, signature = signer.children()[:6]
        bits = next(bits for bits, oid in _DIGESTS.items() if digest_kind.children()[0].encoded == _oid(oid))
        digest = _attribute(attributes.children(), MESSAGE_DIGEST)
        is_pss = signature_kind.children()[0].encoded == _RSASSA_PSS
    except (StopIteration, IndexError, ValueError) as error:
        raise ValueError("this is no detached CMS signature of one signer") from error
    if kind.encoded != SIGNED_DATA or attributes.tag != _CONSTRUCTED_0 or signature.tag != _OCTET_STRING:
        raise ValueError("this is no detached CMS signature with signed attributes")
    return SignedParts(bits, digest, encode(_SET, attributes.contents), signature.contents, is_pss)


def _attribute(attributes: Sequence[Element], kind: bytes) -> bytes:
    for attribute in attributes:
        name, values = attribute.children()
        if name.encoded == kind:
            return values.children()[0].contents
    raise ValueError("a signed attribute is missing")
