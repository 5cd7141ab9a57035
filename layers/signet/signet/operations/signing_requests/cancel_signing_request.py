"""CancelSigningRequest: it is cancelled, and its key is destroyed."""

from dataclasses import replace

from signet.domain.access.role import Permission
from signet.domain.errors import RequestNotPendingError, StaleVersionError
from signet.domain.events.event import EventType, next_event_id
from signet.operations.request_authorisation import permitted_request
from signet.operations.requesting import cancelled
from signet.operations.retry_on_conflict import retry_on_conflict
from signet.ports.changes import CertificateChanged, Change
from signet.ports.session import Session


def cancel_signing_request(request_id: str, *, if_match: frozenset[int] | None, within: Session) -> None:
    """Cancel the signing request `request_id` and destroy its key.

    Raises:
        NotFoundError: there is no such request that the caller sees.
        NotAllowedError: the caller may not delete it.
        StaleVersionError: it is at none of the versions `if_match`.
        RequestNotPendingError: it is completed, or cancelled already.
    """

    def decide() -> None:
        snapshot = within.load_request(request_id)
        request = permitted_request(
            Permission.DELETE_SIGNING_REQUESTS, snapshot, within, EventType.SIGNING_REQUEST_CANCELLED
        )
        if if_match is not None and request.version not in if_match:
            raise StaleVersionError(f"The signing request is at version {request.version}.")
        if not request.is_pending:
            raise RequestNotPendingError(f"The signing request is {request.status.value}.")
        old = snapshot.certificate
        behind = (old.last_event, snapshot.usage.last_event) if old is not None else ()
        event_id = next_event_id(within.now, request.last_event, *behind)
        changes: list[Change] = []
        if old is not None:
            after = replace(old, pending_request=None, last_event=event_id)
            changes.append(CertificateChanged(old, after))
            old = after
        change, event = cancelled(request, within, event_id, renewed=old)
        within.commit(change, *changes, events=[event])

    retry_on_conflict(decide)
