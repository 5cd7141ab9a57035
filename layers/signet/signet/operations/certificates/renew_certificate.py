"""RenewCertificate: a signing request with a new key, filled in from the old certificate."""

from collections.abc import Callable
from dataclasses import replace

from signet.domain.access.principal import Principal
from signet.domain.access.role import Permission
from signet.domain.certificates.overview import RequestOverview, request_overview
from signet.domain.errors import AlreadyRenewedError, NotFoundError, RenewalPendingError
from signet.domain.events.event import EventType, next_event_id
from signet.domain.identifiers import new_id
from signet.domain.signing_requests.csr_command import CsrOrder
from signet.operations.authorisation import permitted
from signet.operations.idempotency import answer_repeat
from signet.operations.request_authorisation import requests_seen
from signet.operations.requesting import created_event, renewal_request, sealed_once
from signet.operations.retry_on_conflict import afresh
from signet.ports.changes import CertificateChanged, RequestAdded
from signet.ports.clock import Clock
from signet.ports.idempotency import Once
from signet.ports.keys import KeyWrapper, RequestMaker
from signet.ports.store import Records


def renew_certificate(
    reference: str,
    fill_in: Callable[[CsrOrder], CsrOrder],
    *,
    by: Principal,
    once: Once | None,
    records: Records,
    requests: RequestMaker,
    wrapper: KeyWrapper,
    clock: Clock,
) -> RequestOverview:
    """Ask for a renewal of the certificate that `reference` names; it goes on working, unchanged.

    Args:
        reference: id or alias.
        fill_in: makes the order of the one that asks for the old certificate anew.
        by: the caller.
        once: the promise of the Idempotency-Key.
        records: the store.
        requests: makes the key pair and the CSR.
        wrapper: seals the private key.
        clock: tells the time.

    Raises:
        NotFoundError: there is no such certificate that `by` sees.
        NotAllowedError: `by` may not make requests for it.
        RenewalPendingError: one waits already.
        AlreadyRenewedError: it was renewed; renew the newest.
    """
    request_id = new_id("req", clock.now())
    sealed = sealed_once(request_id, requests=requests, wrapper=wrapper)

    def decide() -> RequestOverview:
        sight = records.sight(reference, once=once, x509=True)
        before = permitted(
            Permission.CREATE_SIGNING_REQUESTS,
            sight,
            by,
            EventType.SIGNING_REQUEST_CREATED,
            records=records,
            clock=clock,
        )
        answer_repeat(once, sight, requests_seen(by, records))
        if before.renewed_by is not None:
            raise AlreadyRenewedError("The certificate was renewed already; renew the newest.")
        if before.pending_request is not None:
            raise RenewalPendingError("A renewal of this certificate waits for the CA already.")
        if sight.x509 is None:
            raise NotFoundError
        csr = fill_in(requests.order_of(sight.x509.certificate, before.facts.key_algorithm))
        made = sealed(csr)
        event_id = next_event_id(clock.now(), before.last_event, sight.usage.last_event)
        # No setting of the old certificate changes, so its version stays.
        after = replace(before, pending_request=request_id, last_event=event_id)
        request = renewal_request(request_id, after, csr, made, by=by, event_id=event_id)
        result = request_overview(request, sight.access)
        records.commit(
            RequestAdded(request, made.wrapped_key),
            CertificateChanged(before, after),
            events=[created_event(request, by, after)],
            once=once,
            result=result,
        )
        return result

    return afresh(decide)
