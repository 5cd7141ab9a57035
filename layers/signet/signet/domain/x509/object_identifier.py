"""Object identifiers as people write them: `1.3.6.1.5.5.7.3.36`."""

import re

# X.660: the first arc is 0, 1 or 2, and under 0 and 1 the second is at most 39. No arc has a leading zero.
_DOTTED = re.compile(r"(?:[01]\.(?:[0-9]|[1-3][0-9])|2\.(?:0|[1-9][0-9]*))(?:\.(?:0|[1-9][0-9]*))*")

MAX_CHARACTERS = 128


def is_object_identifier(text: str) -> bool:
    """Whether `text` is an object identifier in dotted decimal, of a bearable length."""
    return len(text) <= MAX_CHARACTERS and _DOTTED.fullmatch(text) is not None
