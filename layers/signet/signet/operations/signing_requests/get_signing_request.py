"""GetSigningRequest: how far a signing request is."""

from signet.domain.access.role import Permission
from signet.domain.certificates.overview import RequestOverview, request_overview
from signet.domain.errors import NotAllowedError
from signet.operations.request_authorisation import may_with_request, visible_request
from signet.ports.session import Session


def get_signing_request(request_id: str, *, within: Session) -> RequestOverview:
    """The signing request `request_id`, as it is now.

    Raises:
        NotFoundError: there is no such request that the caller sees.
        NotAllowedError: the caller's role covers it without letting look.
    """
    request = visible_request(snapshot := within.load_request(request_id), within)
    if not may_with_request(Permission.VIEW_SIGNING_REQUESTS, snapshot, within):
        raise NotAllowedError("Your role does not let you look at signing requests.")
    return request_overview(request, snapshot.access)
