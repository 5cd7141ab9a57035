"""What can be done to a certificate, by itself or as one of many: its changes and its events, not yet committed."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from signet.domain.access.access_snapshot import Access
from signet.domain.certificates.certificate import MAX_GROUPS, Certificate, Usage
from signet.domain.errors import NotAllowedError, TooManyGroupsError
from signet.domain.events.event import Event, EventType, certificate_event, changed, next_event_id
from signet.domain.signing_requests.signing_request import SigningRequest
from signet.operations.requesting import cancelled
from signet.ports.changes import CertificateChanged, CertificateRemoved, Change
from signet.ports.session import Session


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """What is to be committed in one transaction."""

    changes: tuple[Change, ...]
    events: tuple[Event, ...]
    after: Certificate
    """The certificate after the change; as it was before, if it is deleted."""


def enabled_change(before: Certificate, usage: Usage, *, enabled: bool, within: Session) -> PlannedChange | None:
    """Usable or unusable; None where it is so already."""
    if before.enabled == enabled:
        return None
    intent = EventType.CERTIFICATE_ENABLED if enabled else EventType.CERTIFICATE_DISABLED
    after, event = changed(intent, before, replace(before, enabled=enabled), within.caller, within.now, usage=usage)
    return PlannedChange((CertificateChanged(before, after),), (event,), after)


def removed(
    certificate: Certificate, usage: Usage, *, waiting: SigningRequest | None, within: Session
) -> PlannedChange:
    """Gone, with its private key; `waiting`, a renewal that waits for its CA, is cancelled with its key."""
    changes: list[Change] = []
    events: list[Event] = []
    behind = [certificate.last_event, usage.last_event]
    if waiting is not None and waiting.is_pending:
        cancelled_id = next_event_id(within.now, waiting.last_event, *behind)
        change, event = cancelled(waiting, within, cancelled_id, renewed=certificate)
        changes.append(change)
        events.append(event)
        behind.append(cancelled_id)
    event_id = next_event_id(within.now, *behind)
    events.append(certificate_event(EventType.CERTIFICATE_DELETED, certificate, within.caller, event_id))
    return PlannedChange((CertificateRemoved(certificate, event_id), *changes), tuple(events), certificate)


def added_to(
    before: Certificate, usage: Usage, groups: Collection[str], *, access: Access, within: Session
) -> PlannedChange | None:
    """In `groups` in addition to those it is in; None where it is in all of them.

    Raises:
        NotAllowedError: the caller's role may not edit it, or not add to one of them.
        TooManyGroupsError: it would be in more than 25.
    """
    role = access.role_of(within.caller)
    joined = [group for group in groups if group not in before.groups]
    after = (*before.groups, *joined)
    # Of a group that it is in already the right is asked for as well: what a caller may does not depend on that.
    if role is None or not (access.may_regroup(within.caller, before, after) and all(map(role.may_add_to, groups))):
        raise NotAllowedError("Your role may not add certificates to one of these certificate groups.")
    if len(before.groups) + len(joined) > MAX_GROUPS:
        raise TooManyGroupsError(f"A certificate is in at most {MAX_GROUPS} groups.")
    return _regrouped(before, usage, after, within)


def taken_out_of(
    before: Certificate, usage: Usage, groups: Collection[str], *, access: Access, within: Session
) -> PlannedChange | None:
    """In none of `groups`; None where it is in none of them.

    Raises:
        NotAllowedError: the caller's role may not edit it, not take it out of one of them, or not out of its last one.
    """
    role = access.role_of(within.caller)
    leaving = tuple(group for group in before.groups if group not in groups)
    elsewhere = [group for group in groups if group not in before.groups]
    if role is None or not (
        access.may_regroup(within.caller, before, leaving)
        and all(role.may_remove_from(group, leaving=(group,)) for group in elsewhere)
    ):
        raise NotAllowedError("Your role may not take this certificate out of one of these certificate groups.")
    return _regrouped(before, usage, leaving, within)


def _regrouped(before: Certificate, usage: Usage, groups: tuple[str, ...], within: Session) -> PlannedChange | None:
    if groups == before.groups:
        return None
    after, event = changed(
        EventType.CERTIFICATE_UPDATED,
        before,
        replace(before, groups=groups),
        within.caller,
        within.now,
        usage=usage,
        detail={"changes": {"groups": {"from": list(before.groups), "to": list(groups)}}},
    )
    return PlannedChange((CertificateChanged(before, after),), (event,), after)
