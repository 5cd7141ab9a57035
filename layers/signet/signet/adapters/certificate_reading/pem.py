"""Find the armoured blocks in a text (RFC 7468, and the headers of RFC 1421 that OpenSSL still writes)."""

import binascii
import re
from dataclasses import dataclass

from signet.domain.errors import UnreadableFileError

MARKER = b"-----BEGIN "
_LINE = re.compile(rb"-----(BEGIN|END) ([^\r\n]{1,64}?)-----[ \t]*")
_HEADER = re.compile(rb"([A-Za-z0-9-]{1,64}): *([^\r\n]*)")
MAX_HEADERS = 16

CERTIFICATE_LABELS = frozenset({"CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"})
PKCS7_LABELS = frozenset({"PKCS7", "CMS", "PKCS #7 SIGNED DATA"})
FOREIGN_LABELS = ("OPENSSH ", "SSH2 ", "PGP ", "PKCS12", "JWK")
"""Beginnings of labels of formats that are not read here."""


@dataclass(frozen=True, slots=True, repr=False)
class PemBlock:
    """What stood between BEGIN and END."""

    label: str
    headers: dict[str, str]
    content: bytes


def pem_blocks(text: bytes) -> list[PemBlock]:
    """Every block in `text`, in order; what stands between them is passed over. One pass, however many begin.

    Raises:
        UnreadableFileError: a block does not end, or is not base64.
    """
    blocks: list[PemBlock] = []
    label: bytes | None = None
    body: list[bytes] = []
    for line in text.removeprefix(b"\xef\xbb\xbf").splitlines():
        marker = _LINE.fullmatch(line) if line.startswith(b"-----") else None
        if label is None:
            if marker and marker[1] == b"BEGIN":
                label, body = marker[2], []
        elif marker is None:
            body.append(line)
        elif marker[1] == b"END" and marker[2] == label:
            blocks.append(_block(label, body))
            label = None
        else:
            raise UnreadableFileError("A PEM block begins and another one ends.")
    if label is not None:
        raise UnreadableFileError("A PEM block begins and does not end.")
    return blocks


def is_key(block: PemBlock) -> bool:
    """Whether it says that it holds a private key, of whatever kind; a second one is never overlooked."""
    return block.label.endswith("PRIVATE KEY")


def _block(label: bytes, lines: list[bytes]) -> PemBlock:
    headers: dict[str, str] = {}
    start = 0
    while start < len(lines) and (header := _HEADER.fullmatch(lines[start].rstrip())):
        headers[header[1].decode()] = header[2].decode("latin-1")
        start += 1
        if start > MAX_HEADERS:
            raise UnreadableFileError("A PEM block has more headers than any program writes.")
    base64 = b"".join(b"".join(lines[start:]).split())
    if label.startswith(b"PGP "):
        base64 = b""  # Its checksum line is no base64; and it is not read anyway.
    try:
        content = binascii.a2b_base64(base64, strict_mode=True)
    except binascii.Error:
        raise UnreadableFileError("A PEM block is not base64.") from None
    return PemBlock(label.decode("latin-1"), headers, content)
