"""The PIN that a certificate may ask for at every use."""

import unicodedata
from dataclasses import dataclass, field
from typing import Self

from signet.domain.errors import InvalidInputError

MIN_PIN_CHARACTERS = 4
MAX_PIN_CHARACTERS = 64


def normalised_pin(text: str) -> str:
    """`text` in NFC: one keyboard sends e with an acute accent as one character, another as two."""
    return unicodedata.normalize("NFC", text)


@dataclass(frozen=True, slots=True)
class Pin:
    """A PIN fit to be set: 4 to 64 characters, as counted after NFC."""

    text: str = field(repr=False)

    @classmethod
    def parse(cls, text: str, *, at: str = "pin") -> Self:
        """Accept `text` as a PIN, or raise InvalidInputError for the field `at`; the message never shows it."""
        pin = normalised_pin(text)
        if not MIN_PIN_CHARACTERS <= len(pin) <= MAX_PIN_CHARACTERS:
            raise InvalidInputError.at(at, f"must be {MIN_PIN_CHARACTERS} to {MAX_PIN_CHARACTERS} characters")
        # Control characters and lone surrogates cannot be typed again, and the latter have no UTF-8.
        if any(unicodedata.category(character) in {"Cc", "Cs"} for character in pin):
            raise InvalidInputError.at(at, "A PIN has no control characters.")
        return cls(pin)
