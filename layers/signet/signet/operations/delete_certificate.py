"""DeleteCertificate: the certificate and its private key are gone; its events stay."""

from signet.domain.errors import StaleVersionError
from signet.domain.event import Event, EventType, certificate_event, next_event_id
from signet.domain.principal import Principal
from signet.domain.role import Permission
from signet.operations.afresh import afresh
from signet.operations.authorisation import permitted
from signet.operations.cancel_signing_request import cancelled
from signet.operations.ports import CertificateRemoved, Change, Clock, Records


def delete_certificate(reference: str, *, if_match: int | None, by: Principal, records: Records, clock: Clock) -> None:
    """Delete the certificate that `reference` names, with its private key; a pending renewal is cancelled.

    Raises:
        NotFoundError: there is none that `by` sees.
        NotAllowedError: `by` may not delete it.
        StaleVersionError: it is not at version `if_match`.
    """

    def decide() -> None:
        sight = records.sight(reference)
        certificate = permitted(
            Permission.DELETE_CERTIFICATES,
            sight,
            by,
            EventType.CERTIFICATE_DELETED,
            records=records,
            clock=clock,
        )
        if if_match is not None and if_match != certificate.version:
            raise StaleVersionError(f"The certificate is at version {certificate.version}.")
        changes: list[Change] = []
        events: list[Event] = []
        behind: tuple[str, ...] = (certificate.last_event, sight.usage.last_event)
        if certificate.pending_request is not None:
            request = records.request_sight(certificate.pending_request).request
            if request is not None and request.is_pending:
                cancelled_id = next_event_id(clock.now(), request.last_event, *behind)
                change, event = cancelled(request, by, cancelled_id, renewed=certificate)
                changes, events, behind = [change], [event], (*behind, cancelled_id)
        event_id = next_event_id(clock.now(), *behind)
        events.append(certificate_event(EventType.CERTIFICATE_DELETED, certificate, by, event_id))
        records.commit(CertificateRemoved(certificate, event_id), *changes, events=events)

    afresh(decide)
