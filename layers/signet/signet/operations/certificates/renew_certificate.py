"""RenewCertificate: a signing request with a new key, filled in from the old certificate."""

from collections.abc import Callable
from dataclasses import replace

from signet.domain.access.role import Permission
from signet.domain.certificates.overview import RequestOverview, request_overview
from signet.domain.errors import AlreadyRenewedError, NotFoundError, RenewalPendingError
from signet.domain.events.event import EventType, next_event_id
from signet.domain.identifiers import new_id
from signet.domain.signing_requests.csr_command import CsrCommand
from signet.operations.authorisation import permitted
from signet.operations.idempotency import answer_stored_response
from signet.operations.request_authorisation import requests_seen
from signet.operations.requesting import created_event, renewal_request, wrapped_once
from signet.operations.retry_on_conflict import retry_on_conflict
from signet.ports.changes import CertificateChanged, RequestAdded
from signet.ports.keys import KeyWrapper, RequestMaker
from signet.ports.session import Session


def renew_certificate(
    reference: str,
    fill_in: Callable[[CsrCommand], CsrCommand],
    *,
    within: Session,
    requests: RequestMaker,
    wrapper: KeyWrapper,
) -> RequestOverview:
    """Ask for a renewal of the certificate that `reference` names; it still works, unchanged.

    Args:
        reference: id or alias.
        fill_in: makes the command that asks for the old certificate again.
        within: who asks, of which store.
        requests: makes the key pair and the CSR.
        wrapper: wraps the private key.

    Raises:
        NotFoundError: there is no such certificate that the caller sees.
        NotAllowedError: the caller may not make requests for it.
        RenewalPendingError: one waits already.
        AlreadyRenewedError: it was renewed; renew the newest.
    """
    request_id = new_id("req", within.now)
    wrapped = wrapped_once(request_id, requests=requests, wrapper=wrapper)

    def decide() -> RequestOverview:
        snapshot = within.load(reference, x509=True)
        before = permitted(Permission.CREATE_SIGNING_REQUESTS, snapshot, within, EventType.SIGNING_REQUEST_CREATED)
        answer_stored_response(within, snapshot, requests_seen(within))
        if before.renewed_by is not None:
            raise AlreadyRenewedError("The certificate was renewed already; renew the newest.")
        if before.pending_request is not None:
            raise RenewalPendingError("A renewal of this certificate waits for the CA already.")
        if snapshot.x509 is None:
            raise NotFoundError
        csr = fill_in(requests.command_of(snapshot.x509.certificate, before.facts.key_algorithm))
        made = wrapped(csr)
        event_id = next_event_id(within.now, before.last_event, snapshot.usage.last_event)
        # No setting of the old certificate changes, so its version stays.
        after = replace(before, pending_request=request_id, last_event=event_id)
        request = renewal_request(request_id, after, csr, made, within=within, event_id=event_id)
        result = request_overview(request, snapshot.access)
        within.commit(
            RequestAdded(request, made.wrapped_key),
            CertificateChanged(before, after),
            events=[created_event(request, within, after)],
            result=result,
        )
        return result

    return retry_on_conflict(decide)
