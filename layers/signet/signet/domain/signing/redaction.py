"""What is stored of the texts of an order, without the secrets that their author put into them (contract, section 5).

A command line is typed by people and written by programs: `signtool sign /p 2468`, `--pin="24""68"`, `pin=%32468`. So a
secret is looked for in several readings of one text, and where one of them holds it, `***` takes its place. To replace
too much costs a word of an audit record; to replace too little costs a key.
"""

import base64
import re
import sys
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

REPLACEMENT = "***"

LEAST_PIN_LENGTH = 4
"""No shorter PIN can be set (`domain/signing/pin.py`): what is shorter is replaced only where it stands alone."""

_LEAST_SEGMENT_LENGTH = 20
"""A piece of a token that is as long says nothing by chance."""

_SEGMENT = r"[A-Za-z0-9_-]"
# A JWT begins with its header, a JSON object (RFC 7519, 3), and so with the base64url of `{"`, or of `{` and white
# space. What was cut off behind that is still the beginning of a token.
_TOKEN = re.compile(
    # Of JSON, base64 soon has a capital letter; identifiers of ours, which may hold `ewk` by chance, have none.
    rf"e(?:yJ|yA|w[o0k](?={_SEGMENT}{{0,20}}[A-Z])){_SEGMENT}{{6,}}(?:\.{_SEGMENT}*)*"
    # A token that was broken into lines goes on in long runs of its alphabet.
    rf"(?:[\s\"'`^\\+]+(?={_SEGMENT}*[a-z])(?={_SEGMENT}*[A-Z])(?={_SEGMENT}*[0-9]){_SEGMENT}{{16,}}(?:\.{_SEGMENT}+)*)*"
)

Range = tuple[int, int]


def redacted(text: str, *, pin: str | None = None, token: str | None = None) -> str:
    """`text` with `pin`, `token` and everything that looks like a JWT replaced by `***`."""
    if len(text) == 0:
        return text
    return _replaced(text, [*_tokens_in(text, token), *_pins_in(text, pin)])


def without_tokens(value: Any) -> Any:
    """`value`, made of JSON values, with everything in its texts that looks like a JWT replaced by `***`."""
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, Mapping):
        return {name: without_tokens(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [without_tokens(each) for each in value]
    return value


# --- where the secrets are -----------------------------------------------------------------------------------------


def _tokens_in(text: str, token: str | None) -> Iterator[Range]:
    yield from (match.span() for match in _TOKEN.finditer(text))
    if "%" in text or "\\" in text or "&" in text:
        decoded = _Reading.of(text, _DECODED, fold=False)
        yield from (decoded.range_of(*match.span()) for match in _TOKEN.finditer(decoded.plain))
    if token and len(text) >= _LEAST_SEGMENT_LENGTH:
        reading = _Reading.of(text, _JOINED)
        segments = [each for each in token.split(".") if len(each) >= _LEAST_SEGMENT_LENGTH]
        for piece in (token, *segments):
            yield from reading.find(piece.casefold())


def _pins_in(text: str, pin: str | None) -> Iterator[Range]:
    if not pin or not pin.strip():
        return
    # As a whole, and as a text is read, character by character: marks behind a letter may change places (UAX #15).
    needles = {_folded(pin), "".join(map(_folded, pin))}
    for form in (_PLAIN, _DECODED):
        reading = _Reading.of(text, form)
        for needle in needles:
            if len(pin) < LEAST_PIN_LENGTH:
                yield from (found for found in reading.find(needle) if _stands_alone(text, *found))
            else:
                yield from _whole_words(text, reading.find(needle))
    if len(pin) < LEAST_PIN_LENGTH:
        return
    unquoted = _Reading.of(text, _UNQUOTED)
    bare = _folded(_QUOTES.sub("", pin))
    if len(bare) >= LEAST_PIN_LENGTH:
        yield from _whole_words(text, unquoted.find(bare))
    for encoded in _encodings(pin):
        yield from unquoted.find(encoded.casefold())


def _encodings(pin: str) -> Iterator[str]:
    for content in {pin.encode("utf-8", "replace"), pin.encode("utf-16-le", "replace")}:
        yield base64.b64encode(content).decode().rstrip("=")
        yield base64.urlsafe_b64encode(content).decode().rstrip("=")
        yield content.hex()


def _whole_words(text: str, found: Iterable[Range]) -> Iterator[Range]:
    """The ranges, in order, with the rest of the words that hold them: what is left of a known word tells the other.

    A word ends where letters meet digits, so that of `/p2468` the `/p` stays.
    """
    done = 0
    for first, last in found:
        if last <= done:
            continue
        start, end = first, last
        while start > done and _goes_on(text, start):
            start -= 1
        while end < len(text) and _goes_on(text, end):
            end += 1
        yield start, end
        done = end


def _stands_alone(text: str, start: int, end: int) -> bool:
    return not _goes_on(text, start) and not _goes_on(text, end)


def _goes_on(text: str, place: int) -> bool:
    """Whether the same word stands on both sides of `place`."""
    if not 0 < place < len(text):
        return False
    before, behind = _kind(text[place - 1]), _kind(text[place])
    return bool(before) and before == behind


def _kind(character: str) -> str:
    return "letter" if character.isalpha() else "digit" if character.isdigit() else ""


def _replaced(text: str, ranges: Iterable[Range]) -> str:
    pieces: list[str] = []
    done = 0
    for start, end in sorted(ranges):
        if start >= done:
            pieces += [text[done:start], REPLACEMENT]
        done = max(done, end)
    return "".join([*pieces, text[done:]]) if pieces else text


# --- readings ------------------------------------------------------------------------------------------------------

_QUOTES = re.compile("[\"'`^\\\\]")
_BEYOND_ASCII = r"[^\x00-\x7f]"
_ESCAPES = (
    r"(?:%[0-9A-Fa-f]{2})+|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|&#[0-9]{1,7};|&#[xX][0-9A-Fa-f]{1,6};"
    r"|&(?:quot|amp|lt|gt|apos);|\\[\"'\\]|\"\"|''|[\^`]."
)

_PLAIN = re.compile(_BEYOND_ASCII)
_DECODED = re.compile(f"{_ESCAPES}|{_BEYOND_ASCII}", re.DOTALL)
"""As a URL, a shell, JSON or HTML would read it."""
_UNQUOTED = re.compile(rf"(?:%[0-9A-Fa-f]{{2}})+|[\"'`^\\]|{_BEYOND_ASCII}")
"""As if it had no quotation marks and no characters that take another's meaning away."""
_JOINED = re.compile(rf"(?:%[0-9A-Fa-f]{{2}})+|[\"'`^\\\s+]|{_BEYOND_ASCII}")
"""As if it had no line breaks, either: a token is long, and is broken into lines."""

_NAMED = {"&quot;": '"', "&amp;": "&", "&lt;": "<", "&gt;": ">", "&apos;": "'"}


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of a text, and where it stands in the reading."""

    plain_start: int
    start: int
    end: int
    """In the text."""
    as_written: bool
    """Whether each character of it is one of the reading."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """A text as somebody would read it, and the way back to what is written."""

    plain: str
    _pieces: tuple[_Piece, ...]
    _starts: tuple[int, ...]

    @classmethod
    def of(cls, text: str, form: re.Pattern[str], *, fold: bool = True) -> "_Reading":
        """Read `text`, in which `form` finds what is written in another way than it is read."""
        plain: list[str] = []
        pieces: list[_Piece] = []
        length = done = 0

        def add(read: str, start: int, end: int, *, as_written: bool) -> None:
            nonlocal length
            if read:
                plain.append(read)
                pieces.append(_Piece(length, start, end, as_written))
                length += len(read)

        for match in form.finditer(text):
            start, end = match.span()
            between = text[done:start]
            add(between.lower() if fold else between, done, start, as_written=True)
            for read, first, last in _read(match[0]):
                add(_folded(read) if fold else read, start + first, start + last, as_written=False)
            done = end
        rest = text[done:]
        add(rest.lower() if fold else rest, done, len(text), as_written=True)
        return cls("".join(plain), tuple(pieces), tuple(piece.plain_start for piece in pieces))

    def find(self, needle: str) -> Iterator[Range]:
        """Where `needle` stands, as ranges of the text, from left to right."""
        place = self.plain.find(needle) if needle else -1
        while place >= 0:
            yield self.range_of(place, place + len(needle))
            place = self.plain.find(needle, place + len(needle))

    def range_of(self, start: int, end: int) -> Range:
        """The range of the text that is read as `plain[start:end]`."""
        first, last = self._at(start), self._at(end - 1)
        return (
            first.start + (start - first.plain_start if first.as_written else 0),
            last.start + (end - last.plain_start) if last.as_written else last.end,
        )

    def _at(self, place: int) -> _Piece:
        return self._pieces[bisect_right(self._starts, place) - 1]


def _read(written: str) -> Iterator[tuple[str, int, int]]:
    """The characters that `written`, which one of the forms found, is read as, each with its place in it."""
    if len(written) == 1:
        # Of ASCII only what a form passes over: it is not there.
        yield ("" if written.isascii() else written), 0, 1
    elif written[0] == "%":
        yield from _percent_decoded(written)
    elif written[0] == "&":
        code = written[2:-1]
        if written[1] != "#":
            read = _NAMED[written]
        else:
            number = int(code[1:], 16) if code[:1] in "xX" else int(code)
            read = chr(number) if number <= sys.maxunicode else ""
        yield read, 0, len(written)
    elif written[0] == "\\" and written[1] in "ux":
        yield chr(int.from_bytes(bytes.fromhex(written[2:]))), 0, len(written)
    else:
        # Doubled, or behind a character that takes its meaning away: the second one counts.
        yield written[1], 0, len(written)


def _percent_decoded(written: str) -> Iterator[tuple[str, int, int]]:
    octets = bytes.fromhex(written.replace("%", ""))
    place = 0
    while place < len(octets):
        for length in (1, 2, 3, 4):
            try:
                read = octets[place : place + length].decode()
            except UnicodeDecodeError:
                continue
            break
        else:
            read, length = chr(octets[place]), 1
        yield read, 3 * place, 3 * (place + length)
        place += length


def _folded(text: str) -> str:
    """`text` without case, and decomposed: one keyboard sends an accented letter as one character, another as two."""
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", text).casefold())
