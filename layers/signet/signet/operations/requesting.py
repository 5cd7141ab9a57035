"""Making a signing request: a key pair, its CSR and the wrapped key, for a new certificate or a renewal; ending one."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from signet.domain.certificates.alias import Alias
from signet.domain.certificates.certificate import Certificate
from signet.domain.certificates.certificate_settings import CertificateSettings
from signet.domain.events.event import Event, EventType, request_event
from signet.domain.identifiers import made_at, with_prefix
from signet.domain.signing.wrapped_key import WrappedKey
from signet.domain.signing_requests.signing_request import RequestStatus, SigningRequest, SigningRequestCommand
from signet.ports.changes import RequestEnded
from signet.ports.keys import KeyWrapper, NewRequest, PinHasher, RequestMaker
from signet.ports.session import Session

if TYPE_CHECKING:
    # A type alone: who only ends a request need not load what reads and writes names.
    from signet.domain.signing_requests.csr_command import CsrCommand


@dataclass(frozen=True, slots=True)
class WrappedRequest:
    """A new CSR, and its private key that KMS has encrypted."""

    made: NewRequest
    wrapped_key: WrappedKey


def wrapped_once(
    request_id: str, *, requests: RequestMaker, wrapper: KeyWrapper
) -> Callable[["CsrCommand"], WrappedRequest]:
    """Makes the key pair when it is first needed, and gives the same again when a conflict makes us decide again."""
    kept: list[WrappedRequest] = []

    def wrapped(command: "CsrCommand") -> WrappedRequest:
        if not kept:
            made = requests.make(command)
            kept.append(WrappedRequest(made, wrapper.wrap(made.private_key, of=with_prefix("key", request_id))))
        return kept[0]

    return wrapped


def new_request(
    request_id: str,
    command: SigningRequestCommand,
    wrapped: WrappedRequest,
    *,
    within: Session,
    event_id: str,
    pins: PinHasher,
) -> SigningRequest:
    """The request that `command` describes, for a new certificate."""
    alias = Alias.suggested(command.csr.subject.common_name, otherwise=f"request-{request_id[4:]}")
    asked = command.settings.applied_to(CertificateSettings(alias=alias, groups=command.groups), pins.hash)
    return _request(request_id, command.csr, wrapped, within, event_id, asked, renews=None)


def renewal_request(
    request_id: str, renewed: Certificate, csr: "CsrCommand", wrapped: WrappedRequest, *, within: Session, event_id: str
) -> SigningRequest:
    """The request for a renewal of `renewed`, whose settings it will have at the import."""
    return _request(request_id, csr, wrapped, within, event_id, renewed, renews=renewed.id)


def _request(
    request_id: str,
    csr: "CsrCommand",
    wrapped: WrappedRequest,
    within: Session,
    event_id: str,
    like: CertificateSettings,
    *,
    renews: str | None,
) -> SigningRequest:
    moment = made_at(event_id)
    return SigningRequest(
        id=request_id,
        status=RequestStatus.PENDING,
        subject=csr.subject.text,
        key_algorithm=csr.key_algorithm,
        spki_sha256=wrapped.made.spki_sha256,
        csr=wrapped.made.csr,
        renews=renews,
        created_at=moment,
        created_by=within.caller.user,
        updated_at=moment,
        version=1,
        last_event=event_id,
        warnings=csr.left_out,
        **like.settings,
    )


def created_event(request: SigningRequest, within: Session, renewed: Certificate | None = None) -> Event:
    """That `request` was made; the announcement carries its CSR, so that a CA can answer it, and what it leaves out."""
    return request_event(
        EventType.SIGNING_REQUEST_CREATED,
        request,
        within.caller,
        request.last_event,
        certificate=renewed,
        detail={"warnings": list(request.warnings)},
        announcing={"csr": request.csr_pem, "warnings": list(request.warnings)},
    )


def cancelled(
    request: SigningRequest, within: Session, event_id: str, *, renewed: Certificate | None
) -> tuple[RequestEnded, Event]:
    """`request` as it is once cancelled, and the event that tells of it."""
    after = replace(
        request,
        status=RequestStatus.CANCELLED,
        version=request.version + 1,
        updated_at=made_at(event_id),
        last_event=event_id,
    )
    event = request_event(EventType.SIGNING_REQUEST_CANCELLED, after, within.caller, event_id, certificate=renewed)
    return RequestEnded(request, after), event
