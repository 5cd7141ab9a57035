"""Which of several forms an answer takes: what `Accept` asks for, by its weights (RFC 9110, 12.5.1)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_RANGE = re.compile(r"[^\s/;,]+/[^\s/;,]+")
_WEIGHT = re.compile(r"q\s*=\s*(?P<weight>0(\.\d{0,3})?|1(\.0{0,3})?)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _MediaRange:
    """One range of an `Accept`."""

    name: str
    weight: float
    place: int
    """How far down the header it stands."""


def preferred(accept: str, offered: tuple[str, ...]) -> str:
    """The one of `offered`, media types without parameters, that `accept` weighs highest.

    The weight of a type is that of the range that names it most exactly: `text/csv` before `text/*` before `*/*`; `q=0`
    refuses it. Of equal weights, which RFC 9110 leaves to the server, the one named most exactly is taken, then the one
    named first, then the first of `offered`. That one is answered also where nothing offered is wanted (12.4.1).
    """
    ranges = list(_ranges(accept))
    return max(offered, key=lambda media_type: _rank(media_type, ranges))  # `max` keeps the first of equals


def _rank(media_type: str, ranges: list[_MediaRange]) -> tuple[float, int, int]:
    kind = media_type.partition("/")[0]
    for exactness, pattern in ((2, media_type), (1, f"{kind}/*"), (0, "*/*")):
        named = [each for each in ranges if each.name == pattern]
        if named:
            best = max(named, key=lambda each: each.weight)
            if not best.weight:
                return -1.0, 0, 0  # refused, and not just unheard of
            return best.weight, exactness, -best.place if exactness else 0
    return 0.0, 0, 0


def _ranges(accept: str) -> Iterator[_MediaRange]:
    """The ranges of `accept`, as far as they can be read; parameters other than `q` are not looked at."""
    without_quoted = re.sub(r'"[^"]*"', "", accept)
    for place, entry in enumerate(without_quoted.split(",")):
        name, *parameters = (part.strip() for part in entry.split(";"))
        if _RANGE.fullmatch(name):
            stated = [match for text in parameters if (match := _WEIGHT.fullmatch(text))]
            yield _MediaRange(name.lower(), float(stated[0]["weight"]) if stated else 1.0, place)
