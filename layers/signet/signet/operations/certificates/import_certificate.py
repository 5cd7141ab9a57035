"""ImportCertificate: bring a certificate in, with or without its private key."""

from dataclasses import replace

from signet.domain.access.known_issuers import check_owner
from signet.domain.access.principal import Principal
from signet.domain.access.role import Permission
from signet.domain.certificates.alias import Alias
from signet.domain.certificates.certificate import Certificate, Usage, X509Body
from signet.domain.certificates.certificate_update import KEEP
from signet.domain.certificates.import_command import Imported, ImportOrder
from signet.domain.certificates.overview import overview
from signet.domain.errors import (
    CertificateExistsError,
    ChangedMeanwhileError,
)
from signet.domain.events.event import EventType, certificate_event, next_event_id
from signet.domain.identifiers import made_at, new_id, with_prefix
from signet.operations.authorisation import permitted_at_large, permitted_placement
from signet.operations.idempotency import answer_repeat, certificates_seen
from signet.operations.importing.import_again import import_again
from signet.operations.importing.issued_answer import check_answers, issued_answer
from signet.operations.importing.issuing import Wishes, commit_completion
from signet.operations.importing.path_finding import PathFinder
from signet.operations.references import group_ids
from signet.operations.request_authorisation import may_with_request
from signet.operations.retry_on_conflict import afresh
from signet.ports.changes import CertificateAdded
from signet.ports.clock import Clock
from signet.ports.idempotency import Once
from signet.ports.keys import CertificateReader, IssuedComparer, KeyWrapper, PathCompleter, PinHasher
from signet.ports.store import Records


def import_certificate(
    order: ImportOrder,
    *,
    by: Principal,
    once: Once | None,
    records: Records,
    read: CertificateReader,
    complete_path: PathCompleter,
    compare: IssuedComparer,
    wrapper: KeyWrapper,
    pins: PinHasher,
    clock: Clock,
) -> Imported:
    """Read the file, seal its private key and keep both, or nothing.

    What the file lacks of the path is taken from certificates under management that `by` may look at. A certificate
    that is here already gains what it lacks; one whose key waits in a signing request completes that.

    Raises:
        NotAllowedError: `by` may not import, not set an owner, or not add to one of the groups; recorded.
        UnreadableFileError, WrongPasswordError, ...: as `CertificateReader`.
        CertificateExistsError, AliasTakenError, GroupFullError: what must be unique or bounded is not.
    """
    intent = EventType.CERTIFICATE_IMPORTED
    access = (first := records.sight(once=once)).access
    permitted_at_large(Permission.IMPORT_CERTIFICATES, access, by, intent, records=records, clock=clock)
    if order.owner is not None:
        permitted_at_large(Permission.SET_OWNER, access, by, intent, records=records, clock=clock)
        check_owner(order.owner, access.issuers)
    if order.renew_at_stage is not None:
        permitted_at_large(Permission.CREATE_SIGNING_REQUESTS, access, by, intent, records=records, clock=clock)
    answer_repeat(once, first, certificates_seen(first, by, records))
    order = replace(order, groups=group_ids(order.groups, access, by))
    permitted_placement(order.groups, access, by, intent, records=records, clock=clock)
    file = read(
        order.content,
        password=order.password,
        private_key=order.private_key,
        private_key_password=order.private_key_password,
    )
    finder = PathFinder(complete_path, by, records, clock)
    path = finder.of_known(file.certificate, file.chain)

    def decide() -> Imported:
        unkeyed = file.facts.spki_sha256 if file.private_key is None else None
        sight = records.sight(
            thumbprint=file.facts.thumbprint_sha256, spki=unkeyed, issuers=path.missing_issuer, once=once, x509=True
        )
        answer_repeat(once, sight, certificates_seen(sight, by, records))
        known = sight.certificate
        if sight.pending_request is not None:
            waiting = records.request_sight(sight.pending_request, x509=True)
            # For whom may not import against it there is no such request: it is a certificate without a key.
            if waiting.request is not None and may_with_request(Permission.IMPORT_CERTIFICATES, waiting, by):
                check_answers(waiting.request, file, clock)
                answer = issued_answer(
                    waiting, waiting.request, file, sight, asked=path, finder=finder, compare=compare
                )
                wishes = _wishes(order, pins)
                return commit_completion(waiting, answer, wishes, by=by, once=once, records=records, clock=clock)
        if known is not None:
            return import_again(
                sight,
                file,
                order,
                asked=path,
                by=by,
                once=once,
                records=records,
                finder=finder,
                wrapper=wrapper,
                pins=pins,
                clock=clock,
            )
        chain = finder.of_held(file.certificate, file.chain, sight=sight, asked=path)
        certificate_id = new_id("crt", clock.now())
        wrapped = None
        if file.private_key is not None:
            wrapped = wrapper.wrap(file.private_key, of=with_prefix("key", certificate_id))
        event_id = next_event_id(clock.now())
        moment = made_at(event_id)
        certificate = Certificate(
            id=certificate_id,
            alias=order.alias
            or Alias.suggested(
                file.friendly_name,
                file.facts.common_name,
                otherwise=f"certificate-{file.facts.thumbprint_sha256[:16].lower()}",
            ),
            description=order.description or "",
            owner=order.owner,
            enabled=True,
            ask_for_reason=order.ask_for_reason or False,
            pin_hash=None if order.pin is None else pins.hash(order.pin),
            groups=order.groups,
            facts=file.facts,
            key_version=0 if wrapped is None else 1,
            created_at=moment,
            created_by=by.user,
            updated_at=moment,
            version=1,
            last_event=event_id,
            renew_at_stage=order.renew_at_stage,
        )
        result = Imported(overview(certificate, Usage(), sight.access, by), created=True)
        try:
            records.commit(
                CertificateAdded(certificate, X509Body(file.certificate, chain), wrapped),
                events=[
                    certificate_event(
                        intent,
                        certificate,
                        by,
                        event_id,
                        detail={"has_private_key": certificate.has_private_key, "warnings": []},
                        announcing={"warnings": []},
                    )
                ],
                once=once,
                result=result,
            )
        except CertificateExistsError as error:
            # It came in meanwhile; what is answered depends on whether the caller sees it, and whether it has its key.
            raise ChangedMeanwhileError("the same certificate was imported meanwhile") from error
        return result

    return afresh(decide)


def _wishes(order: ImportOrder, pins: PinHasher) -> Wishes:
    """What an ordinary import asks of the request that it completes; alias and description are the request's."""
    return Wishes(
        owner=KEEP if order.owner is None else order.owner,
        groups=order.groups or KEEP,
        pin_hash=KEEP if order.pin is None else pins.hash(order.pin),
        ask_for_reason=order.ask_for_reason or False,
    )
