"""DeleteCertificate: the certificate and its private key are gone; its events stay."""

from signet.domain.errors import StaleVersionError
from signet.domain.event import EventType, certificate_event, next_event_id
from signet.domain.principal import Principal
from signet.domain.role import Permission
from signet.operations.afresh import afresh
from signet.operations.authorisation import permitted
from signet.operations.ports import CertificateRemoved, Clock, Records


def delete_certificate(reference: str, *, if_match: int | None, by: Principal, records: Records, clock: Clock) -> None:
    """Delete the certificate that `reference` names, with its private key.

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
        event_id = next_event_id(clock.now(), certificate.last_event, sight.usage.last_event)
        event = certificate_event(EventType.CERTIFICATE_DELETED, certificate, by, event_id)
        records.commit(CertificateRemoved(certificate, event_id), events=[event])

    afresh(decide)
