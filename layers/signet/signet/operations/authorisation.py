"""The first line of every operation: who asks, and may they.

What a caller cannot see does not exist for them (404). What they see and may not do is refused (403), and the refusal
is an event of the type that the change would have had.
"""

from collections.abc import Collection, Mapping
from typing import Any, NoReturn

from signet.domain.access.access_snapshot import Access
from signet.domain.access.principal import Principal
from signet.domain.access.role import Permission
from signet.domain.certificates.certificate import Certificate
from signet.domain.errors import GroupRequiredError, NotAllowedError, NotFoundError
from signet.domain.events.event import EventType, refusal
from signet.ports.clock import Clock
from signet.ports.store import Records, Snapshot


def visible(snapshot: Snapshot, by: Principal) -> Certificate:
    """The certificate of `snapshot`, if `by` sees it.

    Raises:
        NotFoundError: there is none, or `by` does not see it; the two are one answer.
    """
    certificate = snapshot.certificate
    if certificate is None or not snapshot.access.sees(by, certificate):
        snapshot.read_again()
        raise NotFoundError
    return certificate


def readable(snapshot: Snapshot, by: Principal) -> Certificate:
    """The certificate of `snapshot`, if `by` may look at it.

    Raises:
        NotFoundError: as `visible`.
        NotAllowedError: the caller's role covers it without letting look at certificates.
    """
    certificate = visible(snapshot, by)
    if not snapshot.access.may_read(by, certificate):
        raise NotAllowedError(_lacking(Permission.VIEW_CERTIFICATES))
    return certificate


def permitted(
    permission: Permission,
    snapshot: Snapshot,
    by: Principal,
    intent: EventType,
    *,
    records: Records,
    clock: Clock,
    detail: Mapping[str, Any] | None = None,
) -> Certificate:
    """The certificate of `snapshot`, if `by` may do to it what `permission` stands for.

    Raises:
        NotFoundError: as `visible`.
        NotAllowedError: recorded as an event of the type `intent`.
    """
    certificate = visible(snapshot, by)
    if not snapshot.access.may(by, permission, certificate):
        refuse(permission, by, intent, records=records, clock=clock, certificate=certificate, detail=detail)
    return certificate


def permitted_at_large(
    permission: Permission,
    access: Access,
    by: Principal,
    intent: EventType,
    *,
    records: Records,
    clock: Clock,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Nothing, if `by` may do what `permission` stands for to something at all.

    Raises:
        NotAllowedError: recorded as an event of the type `intent`.
    """
    if not access.may(by, permission):
        refuse(permission, by, intent, records=records, clock=clock, detail=detail)


def may_look(permission: Permission, access: Access, by: Principal) -> None:
    """Nothing, if the role of `by` lets look at what `permission` stands for; a look that is refused is no event.

    Raises:
        NotAllowedError: it does not.
    """
    if not access.may(by, permission):
        raise NotAllowedError(_lacking(permission))


def refuse(
    permission: Permission,
    by: Principal,
    intent: EventType,
    *,
    records: Records,
    clock: Clock,
    certificate: Certificate | None = None,
    detail: Mapping[str, Any] | None = None,
) -> NoReturn:
    """Record that `by` lacks `permission` for what was tried, and raise NotAllowedError."""
    refuse_because(
        _lacking(permission), by, intent, records=records, clock=clock, certificate=certificate, detail=detail
    )


def refuse_because(
    message: str,
    by: Principal,
    intent: EventType,
    *,
    records: Records,
    clock: Clock,
    certificate: Certificate | None = None,
    detail: Mapping[str, Any] | None = None,
) -> NoReturn:
    """Record that `by` may not do what was tried, and raise NotAllowedError with `message`."""
    error = NotAllowedError(message)
    records.commit(events=[refusal(intent, by, clock.now(), error.code, certificate=certificate, detail=detail)])
    raise error


def only_administrators(
    access: Access,
    by: Principal,
    intent: EventType,
    *,
    records: Records,
    clock: Clock,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Nothing, if `by` is an Administrator.

    Raises:
        NotAllowedError: recorded as an event of the type `intent`.
    """
    if not access.is_administrator(by):
        refuse_because("Only an Administrator may do this.", by, intent, records=records, clock=clock, detail=detail)


def permitted_placement(
    groups: Collection[str], access: Access, by: Principal, intent: EventType, *, records: Records, clock: Clock
) -> None:
    """Nothing, if the role of `by` may put something new into exactly these certificate groups.

    Raises:
        NotAllowedError: one of them is not to be added to; recorded.
        GroupRequiredError: none is named, and the role works in certain groups only; recorded.
    """
    role = access.role_of(by)
    if role is None:
        refuse_because("You have no role.", by, intent, records=records, clock=clock)
    try:
        role.check_placement(groups)
    except (NotAllowedError, GroupRequiredError) as error:
        records.commit(events=[refusal(intent, by, clock.now(), error.code)])
        raise


def _lacking(permission: Permission) -> str:
    return f"Your role does not give you {permission.value} here."
