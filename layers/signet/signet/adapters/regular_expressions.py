"""Regular expressions of policies, by RE2: its time grows with the text and with the expression, never faster."""

from functools import lru_cache
from typing import Any

import re2  # type: ignore[import-untyped]

MAX_PATTERN_LENGTH = 1024

MAX_PROGRAM_SIZE = 1000
"""Instructions. The worst expression of this size takes about 5 microseconds for each character of the text; of
60,000 characters a sane one takes less than a millisecond. One `.` is about 10 instructions, one `\\pL` about 1,200."""

_MEMORY = 1 << 18  # Bytes for one expression, kept as long as the expression is.
_KEPT = 256


@lru_cache(maxsize=_KEPT)
def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False  # It writes to the standard error stream; the caller gets the message.
    options.never_capture = True  # Groups cost time, and nobody asks what was found.
    return re2.compile(pattern.encode(), options)


def objection_to(pattern: str) -> str | None:
    """What is wrong with `pattern` as the regular expression of a policy, for its author; None when nothing is."""
    if not 1 <= len(pattern) <= MAX_PATTERN_LENGTH:
        return f"must be 1 to {MAX_PATTERN_LENGTH} characters, got {len(pattern)}"
    try:
        size = _compiled(pattern).programsize
    except UnicodeEncodeError:
        return "must be Unicode text without lone surrogates"
    except re2.error as error:
        return f"must be a regular expression of RE2 (no look-around, no back-references): {_message_of(error)}"
    if size > MAX_PROGRAM_SIZE:
        return f"must not be so large: it compiles to {size} instructions, the limit is {MAX_PROGRAM_SIZE}"
    return None


def search(pattern: str, text: str) -> bool:
    """Whether `pattern`, to which there was no objection, is found anywhere in `text`; `(?i)` makes it ignore case."""
    # What cannot be UTF-8 came in as an escape of half a character; it is searched as a question mark.
    return _compiled(pattern).search(text.encode("utf-8", "replace")) is not None


def _message_of(error: Exception) -> str:
    message = error.args[0] if error.args else ""
    return message.decode("utf-8", "replace") if isinstance(message, bytes) else str(message)
