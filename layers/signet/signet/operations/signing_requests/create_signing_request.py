"""CreateSigningRequest: a key pair made here, and its CSR for the CA."""

from dataclasses import replace

from signet.domain.access.known_issuers import check_owner
from signet.domain.access.principal import Principal
from signet.domain.access.role import Permission
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
from signet.ports.clock import Clock
from signet.ports.idempotency import IdempotencyKey
from signet.ports.keys import KeyWrapper, PinHasher, RequestMaker
from signet.ports.store import Records


def create_signing_request(
    command: SigningRequestCommand,
    *,
    by: Principal,
    idempotency: IdempotencyKey | None,
    records: Records,
    requests: RequestMaker,
    wrapper: KeyWrapper,
    pins: PinHasher,
    clock: Clock,
) -> RequestOverview:
    """Make the key pair and the CSR that `command` describes; the private key is wrapped at once and never leaves.

    Raises:
        NotAllowedError, GroupRequiredError: `by` may not make requests, not set an owner, or not for these groups.
        AliasTakenError: the alias is in use.
    """
    intent = EventType.SIGNING_REQUEST_CREATED
    request_id = new_id("req", clock.now())
    sealed = wrapped_once(request_id, requests=requests, wrapper=wrapper)

    def decide() -> RequestOverview:
        snapshot = records.load(idempotency=idempotency)
        access = snapshot.access
        permitted_at_large(Permission.CREATE_SIGNING_REQUESTS, access, by, intent, records=records, clock=clock)
        if command.owner is not None:
            permitted_at_large(Permission.SET_OWNER, access, by, intent, records=records, clock=clock)
            check_owner(command.owner, access.issuers)
        answer_stored_response(idempotency, snapshot, requests_seen(by, records))
        groups = group_ids(command.groups, access, by)
        permitted_placement(groups, access, by, intent, records=records, clock=clock)
        made = sealed(command.csr)
        request = new_request(
            request_id, replace(command, groups=groups), made, by=by, event_id=next_event_id(clock.now()), pins=pins
        )
        result = request_overview(request, access)
        records.commit(
            RequestAdded(request, made.wrapped_key),
            events=[created_event(request, by)],
            idempotency=idempotency,
            result=result,
        )
        return result

    return retry_on_conflict(decide)
