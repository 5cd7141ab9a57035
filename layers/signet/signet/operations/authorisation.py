"""The first line of every operation: who asks, and may they.

What a caller cannot see does not exist for them (404). What they see and may not do is refused (403), and the refusal
is an event of the type that the change would have had.
"""

from collections.abc import Collection, Mapping
from typing import Any, NoReturn

from signet.domain.access.access_snapshot import Access
from signet.domain.access.role import Permission
from signet.domain.certificates.certificate import Certificate, X509Body
from signet.domain.errors import GroupRequiredError, NotAllowedError, NotFoundError
from signet.domain.events.event import EventType, refusal
from signet.ports.session import Session
from signet.ports.store import Snapshot


def visible(snapshot: Snapshot, within: Session) -> Certificate:
    """The certificate of `snapshot`, if the caller sees it.

    Raises:
        NotFoundError: there is none, or the caller does not see it; the two are one answer.
    """
    certificate = snapshot.certificate
    if certificate is None or not snapshot.access.sees(within.caller, certificate):
        snapshot.read_again()
        raise NotFoundError
    return certificate


def readable(snapshot: Snapshot, within: Session) -> Certificate:
    """The certificate of `snapshot`, if the caller may look at it.

    Raises:
        NotFoundError: as `visible`.
        NotAllowedError: the caller's role covers it without letting look at certificates.
    """
    certificate = visible(snapshot, within)
    if not snapshot.access.may_read(within.caller, certificate):
        raise NotAllowedError(_lacking(Permission.VIEW_CERTIFICATES))
    return certificate


def readable_x509(snapshot: Snapshot, within: Session) -> tuple[Certificate, X509Body]:
    """The certificate of `snapshot`, loaded with its X.509, and that X.509, if the caller may look at it.

    Raises:
        NotFoundError: as `visible`; or it was deleted while it was read.
        NotAllowedError: as `readable`.
    """
    certificate = readable(snapshot, within)
    if snapshot.x509 is None:
        raise NotFoundError
    return certificate, snapshot.x509


def permitted(
    permission: Permission,
    snapshot: Snapshot,
    within: Session,
    intent: EventType,
    *,
    detail: Mapping[str, Any] | None = None,
) -> Certificate:
    """The certificate of `snapshot`, if the caller may do to it what `permission` stands for.

    Raises:
        NotFoundError: as `visible`.
        NotAllowedError: recorded as an event of the type `intent`.
    """
    certificate = visible(snapshot, within)
    if not snapshot.access.may(within.caller, permission, certificate):
        refuse(permission, within, intent, certificate=certificate, detail=detail)
    return certificate


def permitted_at_large(
    permission: Permission,
    access: Access,
    within: Session,
    intent: EventType,
    *,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Nothing, if the caller may do what `permission` stands for to something at all.

    Raises:
        NotAllowedError: recorded as an event of the type `intent`.
    """
    if not access.may(within.caller, permission):
        refuse(permission, within, intent, detail=detail)


def may_look(permission: Permission, access: Access, within: Session) -> None:
    """Nothing, if the caller's role lets look at what `permission` stands for; a look that is refused is no event.

    Raises:
        NotAllowedError: it does not.
    """
    if not access.may(within.caller, permission):
        raise NotAllowedError(_lacking(permission))


def refuse(
    permission: Permission,
    within: Session,
    intent: EventType,
    *,
    certificate: Certificate | None = None,
    detail: Mapping[str, Any] | None = None,
) -> NoReturn:
    """Record that the caller lacks `permission` for what was tried, and raise NotAllowedError."""
    refuse_because(_lacking(permission), within, intent, certificate=certificate, detail=detail)


def refuse_because(
    message: str,
    within: Session,
    intent: EventType,
    *,
    certificate: Certificate | None = None,
    detail: Mapping[str, Any] | None = None,
) -> NoReturn:
    """Record that the caller may not do what was tried, and raise NotAllowedError with `message`."""
    error = NotAllowedError(message)
    within.record(refusal(intent, within.caller, within.now, error.code, certificate=certificate, detail=detail))
    raise error


def only_administrators(
    access: Access, within: Session, intent: EventType, *, detail: Mapping[str, Any] | None = None
) -> None:
    """Nothing, if the caller is an Administrator.

    Raises:
        NotAllowedError: recorded as an event of the type `intent`.
    """
    if not access.is_administrator(within.caller):
        refuse_because("Only an Administrator may do this.", within, intent, detail=detail)


def permitted_placement(groups: Collection[str], access: Access, within: Session, intent: EventType) -> None:
    """Nothing, if the caller's role may put something new into exactly these certificate groups.

    Raises:
        NotAllowedError: one of them is not to be added to; recorded.
        GroupRequiredError: none is named, and the role works in certain groups only; recorded.
    """
    role = access.role_of(within.caller)
    if role is None:
        refuse_because("You have no role.", within, intent)
    try:
        role.check_placement(groups)
    except (NotAllowedError, GroupRequiredError) as error:
        within.record(refusal(intent, within.caller, within.now, error.code))
        raise


def _lacking(permission: Permission) -> str:
    return f"Your role does not give you {permission.value} here."
