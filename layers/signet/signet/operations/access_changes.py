"""Create, change, delete: what policies, certificate groups and roles have in common.

Each is one transaction: the thing, its name, its event, and the revision of who may do what, which must still be the
one that the change was decided on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from signet.domain.access.access_snapshot import Access
from signet.domain.access.certificate_group import CertificateGroup
from signet.domain.access.role import Role
from signet.domain.errors import StaleVersionError
from signet.domain.events.changes import changes_between
from signet.domain.events.event import Event, EventType, Outcome, next_event_id
from signet.domain.expiry.calendar_link import CalendarLink
from signet.domain.identifiers import is_id, made_at, new_id
from signet.domain.policies.policy import Policy
from signet.ports.changes import AccessChanged, Administered
from signet.ports.session import Session

Thing = TypeVar("Thing", Policy, CertificateGroup, Role)


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of thing is called in ids and in events."""

    prefix: str
    id_field: str
    created: EventType
    updated: EventType
    deleted: EventType

    def mention(self, identifier: str, name: str) -> dict[str, Any]:
        """What an event says to tell which one it is about."""
        return {self.id_field: identifier, "name": name}


CERTIFICATE_GROUP = Kind(
    "grp",
    "certificate_group_id",
    EventType.CERTIFICATE_GROUP_CREATED,
    EventType.CERTIFICATE_GROUP_UPDATED,
    EventType.CERTIFICATE_GROUP_DELETED,
)
POLICY = Kind("pol", "policy_id", EventType.POLICY_CREATED, EventType.POLICY_UPDATED, EventType.POLICY_DELETED)
ROLE = Kind("rol", "role_id", EventType.ROLE_CREATED, EventType.ROLE_UPDATED, EventType.ROLE_DELETED)


def commit_created(kind: Kind, make: Callable[[str, datetime], Thing], *, access: Access, within: Session) -> Thing:
    """What `make` makes of a new id and the moment of creation, stored.

    Raises:
        NameTakenError: another of the kind has the name.
        ChangedMeanwhileError: `access` is no longer so.
    """
    event_id = _next_event_id(access, within)
    thing = make(new_id(kind.prefix, made_at(event_id)), made_at(event_id))
    event = _event(kind.created, kind, thing, within, event_id, {"settings": thing.settings.plain()})
    within.commit(AccessChanged(None, thing, access.revision, event_id), events=[event], result=thing)
    return thing


def commit_changed(kind: Kind, before: Thing, after: Thing, *, access: Access, within: Session) -> Thing:
    """`after`, which differs from `before` in its settings only, stored as the next version; if it does not, `before`.

    Raises:
        NameTakenError, LimitBelowCountError: what must be unique or bounded is not.
        ChangedMeanwhileError: `access` is no longer so.
    """
    changes = changes_between(before.settings.plain(), after.settings.plain())
    if not changes:
        return before
    event_id = _next_event_id(access, within)
    after = replace(after, version=before.version + 1, updated_at=made_at(event_id))
    event = _event(kind.updated, kind, after, within, event_id, {"changes": changes})
    within.commit(AccessChanged(before, after, access.revision, event_id), events=[event])
    return after


def commit_deleted(kind: Kind, thing: Administered, *, access: Access, within: Session) -> None:
    """Delete `thing`.

    Raises:
        ChangedMeanwhileError: `access` is no longer so.
    """
    event_id = _next_event_id(access, within)
    event = _event(kind.deleted, kind, thing, within, event_id, {"settings": thing.settings.plain()})
    within.commit(AccessChanged(thing, None, access.revision, event_id), events=[event])


def check_version(thing: Administered | CalendarLink, if_match: frozenset[int] | None) -> None:
    """Refuse the change where the version is not the one that the caller has seen.

    Raises:
        StaleVersionError: `thing` is at none of the versions `if_match`.
    """
    if if_match is not None and thing.version not in if_match:
        raise StaleVersionError(f"It is at version {thing.version}.")


def _next_event_id(access: Access, within: Session) -> str:
    # A revision is the id of the event that made it, so that these events sort in the order of what they tell of.
    return next_event_id(within.now, access.revision if is_id("evt", access.revision) else "")


def _event(
    event_type: EventType, kind: Kind, thing: Administered, within: Session, event_id: str, detail: Mapping[str, Any]
) -> Event:
    mention = kind.mention(thing.id, thing.settings.name)
    return Event(
        id=event_id,
        type=event_type,
        outcome=Outcome.DONE,
        occurred_at=made_at(event_id),
        principal=within.caller,
        detail={**mention, **detail},
        announcement={**mention, "version": thing.version},
    )
