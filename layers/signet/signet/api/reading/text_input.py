"""What comes as text is UTF-8: no name and no PIN is ever kept with a letter replaced (contract, section 2).

What is not UTF-8 reaches a function in two forms: as it is, where API Gateway hands a body on in base64, and with
U+FFFD in place of each wrong byte, where it hands it on as text. The second cannot be undone, and two names that
differed may have become one, so U+FFFD is refused wherever it stands, also where JSON escapes it: another program may
have replaced the bytes before it wrote the JSON.
"""

import re
from collections.abc import Mapping
from urllib.parse import unquote_to_bytes

from signet.domain.errors import InvalidInputError, MalformedJsonError, NotFoundError

REPLACEMENT = "\ufffd"
"""REPLACEMENT CHARACTER, which stands for what was not to be read."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# An even number of backslashes before it are backslashes themselves (RFC 8259, 7).
_ESCAPED_REPLACEMENT = re.compile(rb"(?<!\\)(?:\\\\)*\\u[fF]{3}[dD]")


def json_octets(raw: bytes) -> bytes:
    """`raw` as JSON has to come: UTF-8 (RFC 8259, 8.1), without the byte order mark that may stand before it.

    Raises:
        MalformedJsonError: it is not UTF-8, or something on the way replaced what was not.
    """
    octets = raw.removeprefix(_BYTE_ORDER_MARK)
    try:
        replaced = REPLACEMENT in octets.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedJsonError(f"JSON is UTF-8, and byte {error.start} here is not.") from None
    if replaced or (b"\\u" in octets and _ESCAPED_REPLACEMENT.search(octets)):
        raise MalformedJsonError("It holds U+FFFD, which stands for bytes that were not UTF-8: send it as UTF-8.")
    return octets


def check_query_text(query: str) -> None:
    """Refuse a query string, as it was sent, whose percent-encoded octets are not UTF-8.

    Raises:
        InvalidInputError: at the parameter.
    """
    for part in query.split("&"):
        try:
            text = unquote_to_bytes(part).decode("utf-8")
        except UnicodeDecodeError:
            text = REPLACEMENT
        if REPLACEMENT in text:
            name = part.partition("=")[0][:64]
            raise InvalidInputError.at(name if name.isascii() else "", "must be UTF-8, percent-encoded")


def check_path_text(parameters: Mapping[str, str]) -> None:
    """Refuse path parameters that API Gateway could not decode: they name nothing, and nobody else's.

    Raises:
        NotFoundError: there is such a thing by no name.
    """
    if any(REPLACEMENT in value for value in parameters.values()):
        raise NotFoundError
