"""Who sees a signing request, and who may do what to it: whose role covers the groups of its certificate."""

from collections.abc import Callable

from signet.domain.access.role import Permission
from signet.domain.certificates.certificate import Certificate
from signet.domain.errors import NotFoundError
from signet.domain.events.event import EventType
from signet.domain.signing_requests.signing_request import SigningRequest
from signet.operations.authorisation import refuse
from signet.ports.session import Session
from signet.ports.store import Snapshot


def groups_of(request: SigningRequest, renewed: Certificate | None) -> tuple[str, ...]:
    """The groups that decide about a request: of a renewal, those that the renewed certificate is in now."""
    return request.groups if renewed is None else renewed.groups


def groups_concerned(snapshot: Snapshot) -> tuple[str, ...]:
    """The groups that decide about the request of `snapshot`."""
    return groups_of(snapshot.request, snapshot.certificate) if snapshot.request is not None else ()


def visible_request(snapshot: Snapshot, within: Session) -> SigningRequest:
    """The signing request of `snapshot`, if the caller's role covers it.

    Raises:
        NotFoundError: there is none, or the caller does not see it; the two are one answer.
    """
    role = snapshot.access.role_of(within.caller)
    if snapshot.request is None or role is None or not role.covers(groups_concerned(snapshot)):
        snapshot.read_again()
        raise NotFoundError
    return snapshot.request


def permitted_request(permission: Permission, snapshot: Snapshot, within: Session, intent: EventType) -> SigningRequest:
    """The signing request of `snapshot`, if the caller may do to it what `permission` stands for.

    Raises:
        NotFoundError: as `visible_request`.
        NotAllowedError: recorded as an event of the type `intent`.
    """
    request = visible_request(snapshot, within)
    if not may_with_request(permission, snapshot, within):
        refuse(permission, within, intent, certificate=snapshot.certificate)
    return request


def requests_seen(within: Session) -> Callable[[str], bool]:
    """Whether a signing request exists for the caller now."""

    def sees(request_id: str) -> bool:
        try:
            visible_request(within.records.load_request(request_id), within)
        except NotFoundError:
            return False
        return True

    return sees


def may_with_request(permission: Permission, snapshot: Snapshot, within: Session) -> bool:
    """Whether the caller's role covers the request of `snapshot` and gives `permission`."""
    role = snapshot.access.role_of(within.caller)
    return role is not None and role.may(permission, groups_concerned(snapshot))
