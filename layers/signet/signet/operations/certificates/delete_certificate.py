"""DeleteCertificate: the certificate and its private key are destroyed; its events stay."""

from signet.domain.access.role import Permission
from signet.domain.errors import StaleVersionError
from signet.domain.events.event import EventType
from signet.operations.authorisation import permitted
from signet.operations.certificate_changes import removed
from signet.operations.retry_on_conflict import retry_on_conflict
from signet.ports.session import Session


def delete_certificate(reference: str, *, if_match: frozenset[int] | None, within: Session) -> None:
    """Delete the certificate that `reference` names, with its private key; a pending renewal is cancelled.

    Raises:
        NotFoundError: there is none that the caller sees.
        NotAllowedError: the caller may not delete it.
        StaleVersionError: it is at none of the versions `if_match`.
    """

    def decide() -> None:
        snapshot = within.load(reference)
        certificate = permitted(Permission.DELETE_CERTIFICATES, snapshot, within, EventType.CERTIFICATE_DELETED)
        if if_match is not None and certificate.version not in if_match:
            raise StaleVersionError(f"The certificate is at version {certificate.version}.")
        waiting = None
        if certificate.pending_request is not None:
            waiting = within.load_request(certificate.pending_request).request
        change = removed(certificate, snapshot.usage, waiting=waiting, within=within)
        within.commit(*change.changes, events=change.events)

    retry_on_conflict(decide)
