"""What automation hears of an event (contract, section 8)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from signet.domain.events.event import Event, EventType, Outcome
from signet.domain.moments import rfc3339

SOURCE = "signet"

SCHEMA_VERSION = 1
"""Counts up when an older reader could no longer make sense of an announcement; a new field does not count."""

_USES = frozenset({EventType.CERTIFICATE_USED, EventType.CERTIFICATE_USE_REFUSED})


@dataclass(frozen=True, slots=True)
class Announcement:
    """One event as it goes on the bus; nothing secret is in it."""

    event_id: str
    type: EventType
    occurred_at: datetime
    detail: Mapping[str, Any] = field(repr=False)
    """JSON values."""


def announcement_of(event: Event) -> Announcement | None:
    """The announcement of `event`; of refusals only the refused use of a certificate that the caller sees has one.

    It tells the state after the change, with its `version`, so that one that comes late is known as late; `event_id` is
    the same however often it is sent.
    """
    if event.outcome is Outcome.REFUSED and (event.type is not EventType.CERTIFICATE_USE_REFUSED or _is_unseen(event)):
        return None
    detail: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "event_id": event.id,
        "occurred_at": rfc3339(event.occurred_at),
        "user": event.principal.user,
        **event.announcement,
    }
    if event.type in _USES:
        # Not the reason, the digest or the program: those are for the audit record, and may tell what others keep.
        detail["signing_algorithm"] = event.detail.get("signing_algorithm")
    if event.code is not None:
        detail["code"] = event.code
    return Announcement(event.id, event.type, event.occurred_at, detail)


def _is_unseen(event: Event) -> bool:
    """Whether it tells of no certificate: what is announced of a use always does, and not everybody may know which."""
    return event.certificate is None
