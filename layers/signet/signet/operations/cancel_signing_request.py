"""CancelSigningRequest: it waits no more, and its key is destroyed."""

from dataclasses import replace

from signet.domain.certificate import Certificate
from signet.domain.errors import RequestNotPendingError, StaleVersionError
from signet.domain.event import Event, EventType, next_event_id, request_event
from signet.domain.identifiers import made_at
from signet.domain.principal import Principal
from signet.domain.role import Permission
from signet.domain.signing_request import RequestStatus, SigningRequest
from signet.operations.afresh import afresh
from signet.operations.ports import CertificateChanged, Change, Clock, Records, RequestEnded
from signet.operations.request_authorisation import permitted_request


def cancel_signing_request(
    request_id: str, *, if_match: frozenset[int] | None, by: Principal, records: Records, clock: Clock
) -> None:
    """Cancel the signing request `request_id` and destroy its key.

    Raises:
        NotFoundError: there is no such request that `by` sees.
        NotAllowedError: `by` may not delete it.
        StaleVersionError: it is at none of the versions `if_match`.
        RequestNotPendingError: it is completed, or cancelled already.
    """

    def decide() -> None:
        sight = records.request_sight(request_id)
        request = permitted_request(
            Permission.DELETE_SIGNING_REQUESTS,
            sight,
            by,
            EventType.SIGNING_REQUEST_CANCELLED,
            records=records,
            clock=clock,
        )
        if if_match is not None and request.version not in if_match:
            raise StaleVersionError(f"The signing request is at version {request.version}.")
        if not request.is_pending:
            raise RequestNotPendingError(f"The signing request is {request.status.value}.")
        old = sight.certificate
        behind = (old.last_event, sight.usage.last_event) if old is not None else ()
        event_id = next_event_id(clock.now(), request.last_event, *behind)
        changes: list[Change] = []
        if old is not None:
            after = replace(old, pending_request=None, last_event=event_id)
            changes.append(CertificateChanged(old, after))
            old = after
        change, event = cancelled(request, by, event_id, renewed=old)
        records.commit(change, *changes, events=[event])

    afresh(decide)


def cancelled(
    request: SigningRequest, by: Principal, event_id: str, *, renewed: Certificate | None
) -> tuple[RequestEnded, Event]:
    """`request` as it is once cancelled, and the event that tells of it."""
    after = replace(
        request,
        status=RequestStatus.CANCELLED,
        version=request.version + 1,
        updated_at=made_at(event_id),
        last_event=event_id,
    )
    event = request_event(EventType.SIGNING_REQUEST_CANCELLED, after, by, event_id, certificate=renewed)
    return RequestEnded(request, after), event
