"""Thumbprints and serial numbers as people copy them out of other programs, and as the register has them."""

import re

from signet.domain.field_errors import shown

MAX_SERIAL_NUMBER_BYTES = 40

_SEPARATORS = re.compile(r"[:\s-]")
_THUMBPRINT = re.compile(r"[0-9A-F]{40}|[0-9A-F]{64}")
_SERIAL_NUMBER = re.compile(r"(-?)([0-9A-F]+)")
_MARKS = str.maketrans("", "", "\u200e\u200f\ufeff")
"""Windows copies an invisible left-to-right mark in front of a thumbprint."""


def parse_thumbprint(text: str) -> str:
    """`text` as the upper-case hex of a SHA-1 or SHA-256, whatever its case and whatever stands between its bytes.

    Raises:
        ValueError: no thumbprint is written so; the message is for the caller.
    """
    digits = _SEPARATORS.sub("", text.translate(_MARKS)).upper()
    if not _THUMBPRINT.fullmatch(digits):
        raise ValueError(f"must be a SHA-1 or SHA-256 in hexadecimal, 40 or 64 digits, got {shown(text)}")
    return digits


def parse_serial_number(text: str) -> str:
    """`text`, hexadecimal, as `openssl x509 -serial` writes it: upper case, whole bytes, no more than it needs.

    Raises:
        ValueError: no serial number is written so; the message is for the caller.
    """
    stated = text.translate(_MARKS).strip()
    sign = "-" if stated.startswith("-") else ""
    written = _SERIAL_NUMBER.fullmatch(sign + _SEPARATORS.sub("", stated).upper())
    digits = written[2].lstrip("0") if written else ""
    if written is None or len(digits) > 2 * MAX_SERIAL_NUMBER_BYTES:
        raise ValueError(f"must be hexadecimal, at most {MAX_SERIAL_NUMBER_BYTES} bytes, got {shown(text)}")
    digits = digits or "0"
    return ("" if digits == "0" else written[1]) + digits.zfill(len(digits) + len(digits) % 2)
