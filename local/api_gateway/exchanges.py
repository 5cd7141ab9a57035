"""What was asked and answered, as the terminal of `make run` shows it: one short line, and no secret in it."""

from __future__ import annotations

import time
from dataclasses import dataclass

from local.api_gateway.http_server import Answer, Request

_LONGEST = 120


@dataclass(frozen=True)
class Exchange:
    """One request and its answer."""

    request: Request
    answer: Answer
    seconds: float

    def __str__(self) -> str:
        """Time, method, path, status, milliseconds, user. No query: a calendar link carries its secret there."""
        clock = time.strftime("%H:%M:%S")
        path = _printable(self.request.target.partition("?")[0])
        user = _printable(self.answer.user) or "-"
        return f"{clock} {self.request.method} {path} {self.answer.status} {self.seconds * 1000:.0f} ms {user}"


def _printable(text: str) -> str:
    # What a request brings must not steer the terminal that shows it.
    shown = "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text)
    return shown if len(shown) <= _LONGEST else shown[:_LONGEST] + "..."
