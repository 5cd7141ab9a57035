"""A certificate as a file to download: DER, PEM, PEM with its chain, or PKCS#7. Never a private key."""

from base64 import b64encode
from typing import Literal

from signet.domain.asn1 import object_identifiers as oids
from signet.domain.asn1 import tags
from signet.domain.asn1.writer import element, object_identifier

DownloadFormat = Literal["der", "pem", "pem_chain", "pkcs7"]

_VERSION = b"\x01"
_PEM_LINE = 64


def download(certificate: bytes, chain: tuple[bytes, ...], file_format: DownloadFormat) -> bytes:
    """The file: `certificate` alone in `der` and `pem`; with `chain` behind it in `pem_chain` and `pkcs7`."""
    match file_format:
        case "der":
            return certificate
        case "pem":
            return pem(certificate)
        case "pem_chain":
            return b"".join(map(pem, (certificate, *chain)))
        case "pkcs7":
            return pkcs7((certificate, *chain))


def pem(certificate: bytes) -> bytes:
    """RFC 7468, 5."""
    base64 = b64encode(certificate).decode()
    lines = [base64[at : at + _PEM_LINE] for at in range(0, len(base64), _PEM_LINE)]
    return "\n".join(("-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", "")).encode()


def pkcs7(certificates: tuple[bytes, ...]) -> bytes:
    """The degenerate SignedData that signs nothing and carries certificates, in DER (RFC 5652, 5)."""
    # A SET is sorted by its members' encodings in DER (X.690, 11.6); readers find the path by names, not by order.
    carried = element(tags.context(0), *sorted(certificates))
    signed_data = element(
        tags.SEQUENCE,
        element(tags.INTEGER, _VERSION),
        element(tags.SET),  # No digest algorithms, since
        element(tags.SEQUENCE, object_identifier(oids.DATA)),
        carried,
        element(tags.SET),  # no signers.
    )
    return element(tags.SEQUENCE, object_identifier(oids.SIGNED_DATA), element(tags.context(0), signed_data))
