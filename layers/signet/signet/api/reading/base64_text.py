"""Bytes in JSON: standard base64, read strictly, and what is said of anything else."""

import base64
import binascii
import re

from signet.domain.errors import InvalidInputError

_ARMOUR = re.compile(r"\s*-----BEGIN ")


def decoded(text: str, field: str, *, of: str) -> bytes:
    """The bytes of standard base64 (RFC 4648, 4): its alphabet, its padding, no stray bits (3.5), nothing beside it.

    Args:
        text: what was sent.
        field: where; for the error.
        of: what was to be encoded: "the bytes of the file".

    Raises:
        InvalidInputError: at `field`; it says what to encode, and what is wrong with `text` as it is.
    """
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        content = None
    if content is None or base64.b64encode(content).decode() != text:
        fault = _fault(text)
        raise InvalidInputError.at(field, f"must be {of} in standard base64 (RFC 4648, section 4){fault}")
    return content


def _fault(text: str) -> str:
    if _ARMOUR.match(text):
        return "; this is PEM text as it is: encode it once more, its BEGIN and END lines included"
    if any(letter.isspace() for letter in text):
        return ", without line breaks or spaces"
    if "-" in text or "_" in text:
        return "; this has - or _, of the URL-safe alphabet, in place of + and /"
    if re.fullmatch(r"[A-Za-z0-9+/]*={0,2}", text):
        return ", with its padding: = up to a multiple of four characters, and no bits to spare"
    return "; this has characters that are not in its alphabet"
