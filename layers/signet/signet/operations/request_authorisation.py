"""Who sees a signing request, and who may do what to it: whose role covers the groups of its certificate."""

from collections.abc import Callable

from signet.domain.access.principal import Principal
from signet.domain.access.role import Permission
from signet.domain.certificates.certificate import Certificate
from signet.domain.errors import NotFoundError
from signet.domain.events.event import EventType
from signet.domain.signing_requests.signing_request import SigningRequest
from signet.operations.authorisation import refuse
from signet.ports.clock import Clock
from signet.ports.store import Records, Snapshot


def groups_of(request: SigningRequest, renewed: Certificate | None) -> tuple[str, ...]:
    """The groups that decide about a request: of a renewal, those that the renewed certificate is in now."""
    return request.groups if renewed is None else renewed.groups


def groups_concerned(snapshot: Snapshot) -> tuple[str, ...]:
    """The groups that decide about the request of `snapshot`."""
    return groups_of(snapshot.request, snapshot.certificate) if snapshot.request is not None else ()


def visible_request(snapshot: Snapshot, by: Principal) -> SigningRequest:
    """The signing request of `snapshot`, if the role of `by` covers it.

    Raises:
        NotFoundError: there is none, or `by` does not see it; the two are one answer.
    """
    role = snapshot.access.role_of(by)
    if snapshot.request is None or role is None or not role.covers(groups_concerned(snapshot)):
        snapshot.read_again()
        raise NotFoundError
    return snapshot.request


def permitted_request(
    permission: Permission, snapshot: Snapshot, by: Principal, intent: EventType, *, records: Records, clock: Clock
) -> SigningRequest:
    """The signing request of `snapshot`, if `by` may do to it what `permission` stands for.

    Raises:
        NotFoundError: as `visible_request`.
        NotAllowedError: recorded as an event of the type `intent`.
    """
    request = visible_request(snapshot, by)
    if not may_with_request(permission, snapshot, by):
        refuse(permission, by, intent, records=records, clock=clock, certificate=snapshot.certificate)
    return request


def requests_seen(by: Principal, records: Records) -> Callable[[str], bool]:
    """Whether a signing request exists for `by` now."""

    def sees(request_id: str) -> bool:
        try:
            visible_request(records.load_request(request_id), by)
        except NotFoundError:
            return False
        return True

    return sees


def may_with_request(permission: Permission, snapshot: Snapshot, by: Principal) -> bool:
    """Whether the role of `by` covers the request of `snapshot` and gives `permission`."""
    role = snapshot.access.role_of(by)
    return role is not None and role.may(permission, groups_concerned(snapshot))
