"""Text that people compare by eye: what looks the same is the same (contract, section 1).

A policy that denies `corp/alice` must not miss a `corp/alice` with a filler behind it. So no name has what is not seen:
control and format characters, spaces but the plain one, private and unassigned code points, half surrogate pairs, and
the Default_Ignorable_Code_Points of the Unicode Character Database, some of which count as letters. Two joiners are
allowed where a language needs them.
"""

import unicodedata

from signet.domain.text.joining_types import is_passed_over, joins_the_next, joins_the_one_before

_ZERO_WIDTH_NON_JOINER, _ZERO_WIDTH_JOINER = "\u200c", "\u200d"
_WITHOUT_JOINERS = dict.fromkeys(map(ord, (_ZERO_WIDTH_NON_JOINER, _ZERO_WIDTH_JOINER)))
_VIRAMA = 9
"""Canonical_Combining_Class of the signs that remove a vowel (virama); both joiners may follow them."""

# Default_Ignorable_Code_Point of Unicode 17.0, as far as `str.isprintable` lets it pass: the rest has no category that
# can be printed. The ranges that are reserved for such code points are in it whole, assigned or not.
_IGNORABLE = (
    (0x00AD, 0x00AD),
    (0x034F, 0x034F),  # combining grapheme joiner
    (0x061C, 0x061C),
    (0x115F, 0x1160),  # Hangul fillers
    (0x17B4, 0x17B5),  # Khmer vowels that are not written
    (0x180B, 0x180F),  # Mongolian variation selectors
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x3164, 0x3164),  # Hangul filler
    (0xFE00, 0xFE0F),  # variation selectors
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),  # halfwidth Hangul filler
    (0xFFF0, 0xFFF8),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),  # tags and variation selectors
)
_BLANK = "\u2800"
"""A Braille pattern without dots: Unicode ignores it nowhere, but it looks like a space."""
_REPLACEMENT = "\ufffd"
"""What stands for bytes that were no text: two names that differed may have become one."""


def unseen_in(text: str) -> str | None:
    """What is wrong with the first thing in `text` that cannot be seen, for the caller; None where all can be.

    It is looked for after NFC and case folding too, which is how names are found.
    """
    composed = unicodedata.normalize("NFC", text)
    for form in (composed, unicodedata.normalize("NFC", composed.casefold())):
        for place, letter in enumerate(form):
            if not _is_seen(letter) and not _is_needed(form, place):
                return f"{_named(letter)} cannot stand in a name, because it cannot be seen or told apart"
    return None


def says_nothing(text: str) -> bool:
    """Whether `text` is nothing to the eye: empty, or white space and what cannot be seen."""
    return not any(_is_seen(letter) and not letter.isspace() for letter in text)


def can_be_printed(text: str) -> bool:
    """Whether `text` is printable, to which the joiners belong, wherever they stand."""
    return text.translate(_WITHOUT_JOINERS).isprintable()


def without_unseen(text: str, instead: str) -> str:
    """`text` without what is not seen in it; what separates words or controls a terminal becomes `instead`."""
    return "".join(
        letter if _is_seen(letter) or _is_needed(text, place) else "" if _is_ignorable(letter) else instead
        for place, letter in enumerate(text)
    )


def _is_seen(letter: str) -> bool:
    return letter.isprintable() and letter not in (_BLANK, _REPLACEMENT) and not _is_ignorable(letter)


def _is_ignorable(letter: str) -> bool:
    code_point = ord(letter)
    return code_point >= _IGNORABLE[0][0] and any(first <= code_point <= last for first, last in _IGNORABLE)


def _is_needed(text: str, place: int) -> bool:
    """Whether a joiner stands where RFC 5892 (appendix A.1 and A.2) lets it."""
    if text[place] not in (_ZERO_WIDTH_NON_JOINER, _ZERO_WIDTH_JOINER):
        return False
    if place > 0 and unicodedata.combining(text[place - 1]) == _VIRAMA:
        return True
    if text[place] == _ZERO_WIDTH_JOINER:
        return False
    before = next((letter for letter in reversed(text[:place]) if not is_passed_over(letter)), "")
    behind = next((letter for letter in text[place + 1 :] if not is_passed_over(letter)), "")
    return before != "" and behind != "" and joins_the_next(before) and joins_the_one_before(behind)


def _named(letter: str) -> str:
    name = unicodedata.name(letter, "")
    return f"U+{ord(letter):04X}{f' {name}' if name else ''}"
