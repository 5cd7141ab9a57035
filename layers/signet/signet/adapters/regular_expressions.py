"""Regular expressions of policies, by RE2: its time grows with the text and with the expression, never faster.

RE2 does not count its steps, so they are bounded beforehand: whatever it does (its DFA, thrown away and built again, or
its NFA where that does not pay), it looks at each instruction of the compiled expression a small number of times for
each byte of the text. Measured over expressions that make the most of it, `[ab]*a[ab]{200}c` and its kind, that is 4 to
10 ns for each instruction and byte, and mostly a hundredth of it.
"""

from functools import lru_cache
from typing import Any

import re2  # type: ignore[import-untyped]

from signet.domain.policies.step_budget import DECISION_STEPS, LONGEST_COMMAND_LINE_BYTES, StepBudget

MAX_PATTERN_LENGTH = 1024

_COMPILE_STEPS = 2500
_COMPILE_STEPS_EACH = 32
"""Compiling costs about 20 microseconds, and 0.25 more for each instruction; counted even where it is kept."""

_MEMORY = 1 << 18  # Bytes for one expression, kept as long as the expression is.
_KEPT = 256


@lru_cache(maxsize=_KEPT)
def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False  # It writes to the standard error stream; the caller gets the message.
    options.never_capture = True  # Groups cost time, and nobody asks what was found.
    return re2.compile(pattern.encode(), options)


def objection_to(*patterns: str) -> str | None:
    """What is wrong with `patterns` as the regular expressions of one policy, for its author; None when nothing is."""
    steps = 0
    for pattern in patterns:
        if not 1 <= len(pattern) <= MAX_PATTERN_LENGTH:
            return f"must be 1 to {MAX_PATTERN_LENGTH} characters, got {len(pattern)}"
        try:
            steps += steps_of(pattern, LONGEST_COMMAND_LINE_BYTES)
        except UnicodeEncodeError:
            return "must be Unicode text without lone surrogates"
        except re2.error as error:
            return f"must be a regular expression of RE2 (no look-around, no back-references): {_message_of(error)}"
    if steps > DECISION_STEPS:
        return (
            f"must not cost so much: over a command line of {LONGEST_COMMAND_LINE_BYTES} bytes "
            f"{'it takes' if len(patterns) == 1 else 'they take together'} {steps} steps, "
            f"and all the regular expressions of one decision have {DECISION_STEPS}"
        )
    return None


def steps_of(pattern: str, text_bytes: int) -> int:
    """How many steps at most it takes to compile `pattern` and to search a text of so many bytes for it."""
    size: int = _compiled(pattern).programsize
    return _COMPILE_STEPS + size * (_COMPILE_STEPS_EACH + text_bytes)


def search(pattern: str, text: str, budget: StepBudget) -> bool:
    """Whether `pattern`, to which there was no objection, is found anywhere in `text`; `(?i)` makes it ignore case.

    Raises:
        TooManyStepsError: that could cost more than is left of `budget`.
    """
    # What cannot be UTF-8 came in as an escape of half a character; it is searched as a question mark.
    content = text.encode("utf-8", "replace")
    budget.spend(steps_of(pattern, len(content)))
    return _compiled(pattern).search(content) is not None


def _message_of(error: Exception) -> str:
    message = error.args[0] if error.args else ""
    return message.decode("utf-8", "replace") if isinstance(message, bytes) else str(message)
