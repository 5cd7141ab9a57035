"""Files that people mistake for certificate files; each is named, so that they know what to do instead."""

import binascii
import re

from signet.domain.asn1.tags import SEQUENCE
from signet.domain.errors import SignetError, UnreadableFileError, UnsupportedFormatError

EXPECTED = "expected PKCS#12, PKCS#7, PEM or DER"

_FOREIGN_BEGINNINGS = {
    b"\xfe\xed\xfe\xed": "a Java keystore (JKS)",
    b"\xce\xce\xce\xce": "a Java keystore (JCEKS)",
    b"\x00\x00\x00\x01\x00\x00\x00\x14": "a BouncyCastle keystore",
    b"\x00\x00\x00\x02\x00\x00\x00\x14": "a BouncyCastle keystore",
    b"PuTTY-User-Key-File-": "a PuTTY key",
    b"---- BEGIN SSH2 ": "an SSH key",
    b"ssh-": "an SSH key",
    b"ecdsa-sha2-": "an SSH key",
    b"sk-": "an SSH key",
    b"openssh-key-v1": "an SSH key",
    b"\x95": "an OpenPGP key",
    b"\x99": "an OpenPGP key",
    b"\xc5": "an OpenPGP key",
    b"\xc6": "an OpenPGP key",
    b"PK\x03\x04": "a ZIP archive",
    b'{"kty"': "a JSON Web Key",
    b"\x1e\xf1\xb5\xb0": "a Microsoft PVK key",
    b"SQLite format 3": "a database",
}
_CONVERT_KEYSTORE = (
    " Convert it: keytool -importkeystore -srckeystore FILE -destkeystore FILE.p12 -deststoretype PKCS12."
)

_NO_CERTIFICATE_FILES = {
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"\xfd7zXZ\x00": "an xz archive",
    b"Rar!": "a RAR archive",
    b"%PDF-": "a PDF document",
    b"MZ": "a Windows program",
    b"\x7fELF": "a Linux program",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"{": "JSON",
    b"<?xml": "XML",
}
_WEB_PAGE = re.compile(rb"\s*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_HEX = re.compile(rb"\s*30[\s:]?[0-9A-Fa-f\s:]{8,}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/=\s]+")
_UTF16_DASHES = (b"-\x00-\x00", b"\x00-\x00-")


def refuse_foreign_file(content: bytes) -> None:
    """Refuse a key store, a key or a text of a kind that is known, and not read here.

    Raises:
        UnsupportedFormatError, UnreadableFileError: it is one.
    """
    for beginning, what in _FOREIGN_BEGINNINGS.items():
        if content.startswith(beginning):
            advice = _CONVERT_KEYSTORE if "keystore" in what else ""
            raise UnsupportedFormatError(f"The file is {what}; {EXPECTED}.{advice}")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or any(dashes in content[:400] for dashes in _UTF16_DASHES):
        raise UnreadableFileError("The file is text in UTF-16; save it as ASCII or UTF-8.")


def unreadable(content: bytes) -> SignetError:
    """Why `content`, which is neither PEM nor ASN.1, cannot be read."""
    text = content.removeprefix(b"\xef\xbb\xbf").strip()
    if not text:
        return UnreadableFileError(f"The file is empty; {EXPECTED}.")
    if not text.strip(b"\0"):
        return UnreadableFileError(f"The file holds nothing but zeros; {EXPECTED}.")
    if _WEB_PAGE.match(text):
        return UnreadableFileError(f"The file is a web page (HTML), not the certificate that was to come; {EXPECTED}.")
    for beginning, what in _NO_CERTIFICATE_FILES.items():
        if text.startswith(beginning):
            return UnreadableFileError(f"The file is {what}; {EXPECTED}.")
    if _HEX.fullmatch(text):
        return UnreadableFileError(f"The file is the text of a hex dump; {EXPECTED}.")
    if _is_base64_of_asn1(text):
        return UnreadableFileError(
            "The file is base64 without its armour: put -----BEGIN CERTIFICATE----- above it and "
            "-----END CERTIFICATE----- below it (or PKCS7, PKCS12, PRIVATE KEY), each in a line of its own."
        )
    return UnreadableFileError(f"The file is of no kind that is known; {EXPECTED}.")


def _is_base64_of_asn1(text: bytes) -> bool:
    if not _BASE64.fullmatch(text):
        return False
    try:
        decoded = binascii.a2b_base64(b"".join(text.split()), strict_mode=True)
    except binascii.Error:
        return False
    return decoded[:1] == bytes((SEQUENCE,))
