"""Find the armoured blocks in a text (RFC 7468, and the headers of RFC 1421 that OpenSSL still writes).

A block may be indented, stand in one line, or have a byte order mark before it, from a file that was appended. But no
block is overlooked: where something begins like a block and is none, the whole text is refused.
"""

import binascii
import re
from dataclasses import dataclass

from signet.domain.errors import UnreadableFileError

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LINE = re.compile(rb"-----(BEGIN|END) ([!-~](?:[ -~]{0,62}?[!-~])?)-----")
_DASH = rb"(?:-|\xe2\x80[\x90-\x95])"
_LIKE_A_LINE = re.compile(
    _DASH + rb"{2}\s*(?:BEGIN|END)\b|\xe2\x80[\x90-\x95]\s*(?:BEGIN|END) |"
    rb"--[ \t]{0,8}(?i:begin|end)[ \t][^\r\n]{1,80}?--"
)
"""Also with the long dashes that word processors make of two, and in small letters."""
_HEADER = re.compile(rb"([A-Za-z0-9-]{1,64}): *([^\r\n]*)")
MAX_HEADERS = 16


@dataclass(frozen=True, slots=True, repr=False)
class PemBlock:
    """What stood between BEGIN and END."""

    label: str
    headers: dict[str, str]
    content: bytes


def pem_blocks(text: bytes) -> list[PemBlock]:
    """Every block in `text`, in order; what stands between them is passed over. One pass, however many begin.

    Raises:
        UnreadableFileError: a block does not end, or is not base64, or something begins like one and is none.
    """
    text = text.replace(_BYTE_ORDER_MARK, b"")
    blocks: list[PemBlock] = []
    begun: re.Match[bytes] | None = None
    behind = 0
    for line in _LINE.finditer(text):
        if begun is None:
            _refuse_half_a_line(text, behind, line.start())
        if line[1] == b"BEGIN":
            if begun is not None:
                raise UnreadableFileError(f"{_place(text, begun)} does not end before another one begins.")
            begun = line
        elif begun is None:
            raise UnreadableFileError(f"{_place(text, line)} ends and does not begin.")
        elif line[2] != begun[2]:
            raise UnreadableFileError(f"{_place(text, begun)} begins and another one ends.")
        else:
            blocks.append(_block(text, begun, text[begun.end() : line.start()]))
            begun = None
        behind = line.end()
    if begun is not None:
        raise UnreadableFileError(f"{_place(text, begun)} begins and does not end.")
    _refuse_half_a_line(text, behind, len(text))
    return blocks


def is_armoured(text: bytes) -> bool:
    """Whether a block seems to begin or to end anywhere in `text`."""
    return _LIKE_A_LINE.search(text) is not None


def is_key(block: PemBlock) -> bool:
    """Whether it says that it holds a private key, of whatever kind; a second one is never overlooked."""
    return block.label.upper().endswith("PRIVATE KEY")


def _refuse_half_a_line(text: bytes, start: int, end: int) -> None:
    """A second key may hide behind a line that only some programs take for a beginning."""
    if found := _LIKE_A_LINE.search(text, start, end):
        raise UnreadableFileError(
            f"Line {_line_number(text, found)} begins or ends a PEM block in a way that is not read; "
            "expected five dashes on either side, as in -----BEGIN CERTIFICATE-----."
        )


def _place(text: bytes, line: re.Match[bytes]) -> str:
    return f"The PEM block {line[2].decode('ascii')} of line {_line_number(text, line)}"


def _line_number(text: bytes, found: re.Match[bytes]) -> int:
    return len(text[: found.start()].splitlines()) + 1


def _block(text: bytes, begun: re.Match[bytes], body: bytes) -> PemBlock:
    headers: dict[str, str] = {}
    lines = [line.strip() for line in body.splitlines()]
    while lines and not lines[0]:
        del lines[0]
    start = 0
    while start < len(lines) and (header := _HEADER.fullmatch(lines[start])):
        headers[header[1].decode()] = header[2].decode("latin-1")
        start += 1
        if start > MAX_HEADERS:
            raise UnreadableFileError("A PEM block has more headers than any program writes.")
    base64 = b"".join(b"".join(lines[start:]).split())
    if begun[2].startswith(b"PGP "):
        base64 = b""  # Its checksum line is no base64; and it is not read anyway.
    try:
        content = binascii.a2b_base64(base64, strict_mode=True)
    except binascii.Error:
        raise UnreadableFileError(f"{_place(text, begun)} is not base64.") from None
    return PemBlock(begun[2].decode("ascii"), headers, content)
