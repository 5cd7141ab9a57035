"""CreateSigningRequest: a key pair made here, and its CSR for the CA."""

from dataclasses import replace

from signet.domain.access.known_issuers import check_owner
from signet.domain.access.role import Permission
from signet.domain.certificates.certificate_settings import KEEP
from signet.domain.certificates.overview import RequestOverview, request_overview
from signet.domain.events.event import EventType, next_event_id
from signet.domain.identifiers import new_id
from signet.domain.signing_requests.signing_request import SigningRequestCommand
from signet.operations.authorisation import permitted_at_large, permitted_placement
from signet.operations.idempotency import answer_stored_response
from signet.operations.references import group_ids
from signet.operations.request_authorisation import requests_seen
from signet.operations.requesting import created_event, new_request, wrapped_once
from signet.operations.retry_on_conflict import retry_on_conflict
from signet.ports.changes import RequestAdded
from signet.ports.keys import KeyWrapper, PinHasher, RequestMaker
from signet.ports.session import Session


def create_signing_request(
    command: SigningRequestCommand, *, within: Session, requests: RequestMaker, wrapper: KeyWrapper, pins: PinHasher
) -> RequestOverview:
    """Make the key pair and the CSR that `command` describes; the private key is wrapped at once and never leaves.

    Raises:
        NotAllowedError, GroupRequiredError: the caller may not make requests, set an owner, or use these groups.
        AliasTakenError: the alias is in use.
    """
    intent = EventType.SIGNING_REQUEST_CREATED
    request_id = new_id("req", within.now)
    wrapped = wrapped_once(request_id, requests=requests, wrapper=wrapper)

    def decide() -> RequestOverview:
        snapshot = within.load()
        access = snapshot.access
        permitted_at_large(Permission.CREATE_SIGNING_REQUESTS, access, within, intent)
        if command.settings.owner is not KEEP:
            permitted_at_large(Permission.SET_OWNER, access, within, intent)
            check_owner(command.settings.owner, access.issuers)
        answer_stored_response(within, snapshot, requests_seen(within))
        groups = group_ids(command.groups, access, within)
        permitted_placement(groups, access, within, intent)
        made = wrapped(command.csr)
        request = new_request(
            request_id,
            replace(command, groups=groups),
            made,
            within=within,
            event_id=next_event_id(within.now),
            pins=pins,
        )
        result = request_overview(request, access)
        within.commit(RequestAdded(request, made.wrapped_key), events=[created_event(request, within)], result=result)
        return result

    return retry_on_conflict(decide)
