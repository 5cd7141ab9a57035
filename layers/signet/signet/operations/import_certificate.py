"""ImportCertificate: bring a certificate in, with or without its private key."""

from dataclasses import replace

from signet.domain.access import Access
from signet.domain.alias import Alias
from signet.domain.certificate import MAX_GROUPS, Certificate, Usage, X509Body
from signet.domain.certificate_update import KEEP
from signet.domain.errors import (
    CertificateExistsError,
    ChangedMeanwhileError,
    FieldError,
    TooManyGroupsError,
    UnknownReferenceError,
)
from signet.domain.event import EventType, certificate_event, changed, next_event_id
from signet.domain.identifiers import made_at, new_id, with_prefix
from signet.domain.import_order import Imported, ImportOrder
from signet.domain.overview import overview
from signet.domain.principal import Principal
from signet.domain.role import Permission
from signet.domain.x509 import CertificateFile
from signet.operations.afresh import afresh
from signet.operations.authorisation import permitted_at_large, permitted_placement
from signet.operations.completion import Wishes, check_answers, commit_completion
from signet.operations.ports import (
    CertificateAdded,
    CertificateChanged,
    CertificateReader,
    Clock,
    KeyWrapper,
    Once,
    PinHasher,
    Records,
    Sight,
)
from signet.operations.repeats import answer_repeat
from signet.operations.request_authorisation import may_with_request


def import_certificate(
    order: ImportOrder,
    *,
    by: Principal,
    once: Once | None,
    records: Records,
    read: CertificateReader,
    wrapper: KeyWrapper,
    pins: PinHasher,
    clock: Clock,
) -> Imported:
    """Read the file, seal its private key and keep both, or nothing.

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
    if order.renew_at_stage is not None:
        permitted_at_large(Permission.CREATE_SIGNING_REQUESTS, access, by, intent, records=records, clock=clock)
    answer_repeat(once, first)
    check_groups(order.groups, access, by)
    permitted_placement(order.groups, access, by, intent, records=records, clock=clock)
    file = read(
        order.content,
        password=order.password,
        private_key=order.private_key,
        private_key_password=order.private_key_password,
    )

    def decide() -> Imported:
        unkeyed = file.facts.spki_sha256 if file.private_key is None else None
        sight = records.sight(thumbprint=file.facts.thumbprint_sha256, spki=unkeyed, once=once)
        answer_repeat(once, sight)
        known = sight.certificate
        if sight.pending_request is not None:
            waiting = records.request_sight(sight.pending_request)
            # For whom may not import against it there is no such request: it is a certificate without a key.
            if waiting.request is not None and may_with_request(Permission.IMPORT_CERTIFICATES, waiting, by):
                check_answers(waiting.request, file)
                wishes = _wishes(order, pins)
                twin = known.id if known is not None else None
                return commit_completion(
                    waiting, file, wishes, by=by, once=once, records=records, clock=clock, twin=twin
                )
        if known is not None:
            return _with_its_key(sight, known, file, order, by, once, records, wrapper, pins, clock)
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
            description=order.description,
            owner=order.owner,
            enabled=True,
            ask_for_reason=order.ask_for_reason,
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
        result = Imported(overview(certificate, Usage(), sight.access), created=True)
        try:
            records.commit(
                CertificateAdded(certificate, X509Body(file.certificate, file.chain), wrapped),
                events=[
                    certificate_event(
                        intent,
                        certificate,
                        by,
                        event_id,
                        detail={"has_private_key": certificate.has_private_key},
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


def check_groups(groups: tuple[str, ...], access: Access, by: Principal, field_name: str = "groups") -> None:
    """Refuse groups that do not exist, or that `by` does not see, and more of them than a certificate can be in.

    Raises:
        TooManyGroupsError: more than 25.
        UnknownReferenceError: with one field error for each.
    """
    if len(groups) > MAX_GROUPS:
        raise TooManyGroupsError(f"A certificate is in at most {MAX_GROUPS} groups, got {len(groups)}.")
    unknown = [
        FieldError(f"{field_name}[{place}]", "There is no such certificate group that you can see.")
        for place, group in enumerate(groups)
        if not access.sees_group(by, group)
    ]
    if unknown:
        raise UnknownReferenceError(*unknown)


def _wishes(order: ImportOrder, pins: PinHasher) -> Wishes:
    """What an ordinary import asks of the request that it completes; alias and description are the request's."""
    return Wishes(
        owner=KEEP if order.owner is None else order.owner,
        groups=order.groups or KEEP,
        pin_hash=KEEP if order.pin is None else pins.hash(order.pin),
        ask_for_reason=order.ask_for_reason,
    )


def _with_its_key(
    sight: Sight,
    before: Certificate,
    file: CertificateFile,
    order: ImportOrder,
    by: Principal,
    once: Once | None,
    records: Records,
    wrapper: KeyWrapper,
    pins: PinHasher,
    clock: Clock,
) -> Imported:
    """The same certificate again, now with its private key: it gains the key.

    It keeps its settings, but for what guards the key that comes with it: a PIN and the asking for a reason.

    Raises:
        CertificateExistsError: it has its key already, none came, or `by` may not import against it.
    """
    sees = sight.access.sees(by, before)
    may = sees and sight.access.may(by, Permission.IMPORT_CERTIFICATES, before)
    if before.has_private_key or file.private_key is None or not may:
        raise CertificateExistsError(before.id if sees else None)
    wrapped = wrapper.wrap(file.private_key, of=with_prefix("key", before.id))
    after, event = changed(
        EventType.CERTIFICATE_IMPORTED,
        before,
        replace(
            before,
            key_version=1,
            ask_for_reason=before.ask_for_reason or order.ask_for_reason,
            pin_hash=before.pin_hash if order.pin is None else pins.hash(order.pin),
        ),
        by,
        clock.now(),
        usage=sight.usage,
        detail={"has_private_key": True, "changes": {"has_private_key": {"from": False, "to": True}}},
    )
    result = Imported(overview(after, sight.usage, sight.access), created=False)
    records.commit(CertificateChanged(before, after, wrapped), events=[event], once=once, result=result)
    return result
