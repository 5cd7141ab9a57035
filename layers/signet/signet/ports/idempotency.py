"""What makes a POST count once, however often it is sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A POST that is to be done once, however often it is sent."""

    id: str
    """Made of the caller and its Idempotency-Key."""
    fingerprint: str
    """Of the request, without PINs, passwords and keys."""
    render: Callable[[Any], bytes] = field(repr=False)
    """The body that answers a result."""
    secrets: str = field(default="", repr=False)
    """The PINs, passwords and keys of the request as one text, to tell a repeat with others; kept as a slow hash."""
    key: str = field(default="", repr=False)
    """The Idempotency-Key itself, which is kept nowhere."""


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """What an earlier request with the same Idempotency-Key was answered."""

    fingerprint: str
    body: bytes = field(repr=False)
    """As `IdempotencyKey.render` made it; empty while the request is being answered."""
    subjects: tuple[str, ...] = ()
    """Ids of what the answer is about: only who may see these now is given it again."""
    came_with: Callable[[str], bool] = field(default=lambda secrets: not secrets, repr=False)
    """Whether these were the secrets of the request; slow."""
    left_off: tuple[str, ...] = ()
    """Of one that was cut short and may be begun again: by place what it had done, or may have, as it noted it then."""


class AlreadyAnswered(Exception):  # noqa: N818 - not an error: the answer is at hand already
    """The request was done before; its answer is given again."""

    def __init__(self, stored: StoredResponse) -> None:
        super().__init__("answered before")
        self.stored = stored
