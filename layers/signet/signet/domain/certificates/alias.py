"""The name people use for a certificate."""

import unicodedata
from dataclasses import dataclass
from typing import Self

from signet.domain.errors import InvalidInputError
from signet.domain.text.visible_text import can_be_printed, says_nothing, unseen_in, without_unseen

MAX_LENGTH = 128
FORBIDDEN = "/ ? # % \\"
_FORBIDDEN = frozenset("/?#%\\")  # An HTTP API decodes a path once, and some of these truncate it.
_NEVER = {".", ".."}  # Every URL library resolves these away.
_ID_PREFIX = "crt_"


def folded(text: str) -> str:
    """`text` as uniqueness and search see it: after NFC and case folding."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def can_begin_alias(text: str) -> bool:
    """Whether some alias begins with `text`."""
    return can_be_printed(text) and not _FORBIDDEN.intersection(text) and text == text.lstrip()


@dataclass(frozen=True, slots=True)
class Alias:
    """1 to 128 printable characters without slash, question mark, hash, per cent and backslash; not like an id."""

    text: str

    @classmethod
    def parse(cls, text: str, field: str = "alias") -> Self:
        """Accept `text` as an alias, normalised to NFC, or raise InvalidInputError at `field`."""
        alias = unicodedata.normalize("NFC", text)
        if not 1 <= len(alias) <= MAX_LENGTH:
            raise InvalidInputError.at(field, f"an alias has 1 to {MAX_LENGTH} characters, got {len(alias)}")
        if _FORBIDDEN.intersection(alias):
            raise InvalidInputError.at(field, "an alias has none of / ? # % \\")
        if unseen := unseen_in(alias):
            raise InvalidInputError.at(field, unseen)
        if alias != alias.strip():
            raise InvalidInputError.at(field, "an alias neither begins nor ends with a space")
        if alias in _NEVER or folded(alias).startswith(_ID_PREFIX):
            raise InvalidInputError.at(field, "an alias is not . or .. and does not begin with crt_")
        return cls(alias)

    @classmethod
    def suggested(cls, *candidates: str | None, otherwise: str) -> Self:
        """The first of `candidates` that is an alias once what cannot stand in one is replaced by `-`."""
        for candidate in (*candidates, otherwise):
            if candidate and not says_nothing(candidate):
                text = _cleaned(unicodedata.normalize("NFC", candidate))
                text = "".join("-" if c in _FORBIDDEN else c for c in text)
                try:
                    return cls.parse(_cleaned(text[:MAX_LENGTH]).strip())
                except InvalidInputError:
                    continue
        raise AssertionError("`otherwise` is an alias")

    @property
    def key(self) -> str:
        """What is unique."""
        return folded(self.text)

    def retired(self, until: str, number: int = 1) -> "Alias":
        """`<alias> (until <YYYY-MM-DD>)` for one that was renewed, cut to fit; `number` tells doubles apart."""
        suffix = f" (until {until})" if number == 1 else f" (until {until}) {number}"
        # Cut, a joiner may have lost what it joins.
        return Alias.parse(_cleaned(self.text[: MAX_LENGTH - len(suffix)]).rstrip() + suffix)


def _cleaned(text: str) -> str:
    return without_unseen(text, instead="-")
