"""ListSigningRequests: what waits for a CA, and what did."""

from signet.domain.access.access_snapshot import Scope
from signet.domain.access.role import Permission
from signet.domain.certificates.overview import RequestOverview, request_overview
from signet.domain.errors import NotAllowedError
from signet.domain.signing_requests.signing_request import RequestStatus
from signet.operations.request_authorisation import groups_of
from signet.ports.listings import Cursors, Listings
from signet.ports.session import Session


def list_signing_requests(
    status: RequestStatus | None,
    *,
    cursor: str | None,
    limit: int,
    within: Session,
    listings: Listings,
    cursors: Cursors,
) -> tuple[tuple[RequestOverview, ...], str | None]:
    """One page of the signing requests that the caller may look at, the newest first, and the cursor of the next.

    Raises:
        NotAllowedError: the caller's role does not let look at signing requests.
        BadCursorError: `cursor` was not given to the caller for this query.
    """
    access = within.load().access
    role = access.role_of(within.caller)
    if role is None or not role.may(Permission.VIEW_SIGNING_REQUESTS):
        raise NotAllowedError("Your role does not let you look at signing requests.")
    groups = role.settings.certificate_groups
    covered = frozenset(access.existing(groups.rights or ()))
    scope = Scope(groups.is_all, within.caller.user, covered, frozenset())
    query = ("signing_requests", status)
    after = cursors.open(cursor, query=query, by=within.caller)
    page = listings.requests(status, scope, after=after, limit=limit)
    following = cursors.make(page.next_position, query=query, by=within.caller)
    renewed = within.records.certificates(request.renews for request in page.items if request.renews is not None)
    requests = (request.renewing(renewed.get(request.renews or "")) for request in page.items)
    # A certificate may have left the groups that it was found by, and taken its request along.
    covered_now = (
        request for request in requests if role.covers(groups_of(request, renewed.get(request.renews or "")))
    )
    return tuple(request_overview(request, access) for request in covered_now), following
