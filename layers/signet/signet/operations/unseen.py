"""What is recorded of a caller who asks for what the caller cannot see.

To the caller it does not exist, and nothing that the caller can measure says otherwise: the same calls, and the same
entries in every index, whether there is such a certificate or not.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from signet.domain.access.access_snapshot import Access
from signet.domain.certificates.certificate import Certificate
from signet.domain.events.event import EventType, unseen_refusal
from signet.ports.session import Session

EVENTS_AT_ONCE = 90
"""In one transaction, of the 100 items that it may have."""

Unseen = tuple[str, Certificate | None]
"""A certificate as it was asked for, and the one that it is, if there is one."""


def refuse_unseen(
    intent: EventType,
    unseen: Sequence[Unseen],
    *,
    access: Access,
    within: Session,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Record that the caller tried `intent` on each of `unseen`, where a role or a policy names the caller.

    Of anybody else only the log tells: a public issuer lets the whole world in as somebody, and nobody is to fill the
    audit record from outside.
    """
    if not access.names(within.caller):
        return
    now = within.now
    events = [
        unseen_refusal(intent, within.caller, now, name, certificate, detail=detail) for name, certificate in unseen
    ]
    for start in range(0, len(events), EVENTS_AT_ONCE):
        within.record(*events[start : start + EVENTS_AT_ONCE])
