"""ImportCertificate: bring a certificate in, with or without its private key."""

from dataclasses import replace

from signet.domain.access.known_issuers import check_owner
from signet.domain.access.role import Permission
from signet.domain.certificates.alias import Alias
from signet.domain.certificates.certificate import Certificate, Usage, X509Body
from signet.domain.certificates.certificate_settings import KEEP, CertificateSettings
from signet.domain.certificates.import_command import ImportCommand, Imported
from signet.domain.errors import CertificateExistsError, ChangedMeanwhileError
from signet.domain.events.event import EventType, certificate_event, next_event_id
from signet.domain.identifiers import made_at, new_id, with_prefix
from signet.domain.signing.pin import Pin
from signet.operations.authorisation import permitted_at_large, permitted_placement
from signet.operations.idempotency import answer_stored_response, certificates_seen
from signet.operations.importing.import_again import import_again
from signet.operations.importing.issued_answer import check_answers, issued_answer
from signet.operations.importing.issuing import ImportOverrides, commit_issuing
from signet.operations.importing.path_finding import PathFinder
from signet.operations.references import group_ids
from signet.operations.request_authorisation import may_with_request
from signet.operations.retry_on_conflict import retry_on_conflict
from signet.ports.changes import CertificateAdded
from signet.ports.keys import CertificateReader, IssuedComparer, KeyWrapper, PathCompleter, PinHasher
from signet.ports.session import Session


def import_certificate(
    command: ImportCommand,
    *,
    within: Session,
    read: CertificateReader,
    complete_path: PathCompleter,
    compare: IssuedComparer,
    wrapper: KeyWrapper,
    pins: PinHasher,
) -> Imported:
    """Read the file, wrap its private key and keep both, or nothing.

    What the file lacks of the path is taken from certificates under management that the caller may look at. One that
    is here already gains what it lacks; one whose key waits in a signing request completes that.

    Raises:
        NotAllowedError: the caller may not import, not set an owner, or not add to one of the groups; recorded.
        UnreadableFileError, WrongPasswordError, ...: as `CertificateReader`.
        CertificateExistsError, AliasTakenError, GroupFullError: what must be unique or bounded is not.
    """
    intent = EventType.CERTIFICATE_IMPORTED
    access = (first := within.load()).access
    needed = (each for each in command.settings.needs if each is not Permission.EDIT_CERTIFICATES)
    for permission in (Permission.IMPORT_CERTIFICATES, *needed):
        permitted_at_large(permission, access, within, intent)
    answer_stored_response(within, first, certificates_seen(first, within))
    command = replace(command, groups=group_ids(command.groups, access, within))
    permitted_placement(command.groups, access, within, intent)
    file = read(
        command.content,
        password=command.password,
        private_key=command.private_key,
        private_key_password=command.private_key_password,
    )
    finder = PathFinder(complete_path, within)
    path = finder.of_known(file.certificate, file.chain)

    def decide() -> Imported:
        unkeyed = file.facts.spki_sha256 if file.private_key is None else None
        snapshot = within.load(
            thumbprint=file.facts.thumbprint_sha256, spki=unkeyed, issuers=path.missing_issuer, x509=True
        )
        answer_stored_response(within, snapshot, certificates_seen(snapshot, within))
        known = snapshot.certificate
        waiting = snapshot.pending
        # For whom may not import against it there is no such request: it is a certificate without a key.
        if (
            waiting is not None
            and waiting.request is not None
            and may_with_request(Permission.IMPORT_CERTIFICATES, waiting, within)
        ):
            check_owner(
                command.settings.owner,
                waiting.access.issuers,
                before=(waiting.certificate or waiting.request).owner,
            )
            check_answers(waiting.request, file, within)
            answer = issued_answer(waiting, waiting.request, file, snapshot, asked=path, finder=finder, compare=compare)
            return commit_issuing(waiting, answer, _overrides(command, pins), within=within)
        if known is not None:
            return import_again(
                snapshot, file, command, asked=path, within=within, finder=finder, wrapper=wrapper, pins=pins
            )
        check_owner(command.settings.owner, snapshot.access.issuers)
        chain = finder.of_held(file.certificate, file.chain, snapshot=snapshot, asked=path)
        certificate_id = new_id("crt", within.now)
        wrapped = None
        if file.private_key is not None:
            wrapped = wrapper.wrap(file.private_key, of=with_prefix("key", certificate_id))
        event_id = next_event_id(within.now)
        moment = made_at(event_id)
        suggested = Alias.suggested(
            file.friendly_name,
            file.facts.common_name,
            otherwise=f"certificate-{file.facts.thumbprint_sha256[:16].lower()}",
        )
        asked = command.settings.applied_to(CertificateSettings(alias=suggested, groups=command.groups), pins.hash)
        certificate = Certificate(
            id=certificate_id,
            enabled=True,
            facts=file.facts,
            key_version=0 if wrapped is None else 1,
            created_at=moment,
            created_by=within.caller.user,
            updated_at=moment,
            version=1,
            last_event=event_id,
            **asked.settings,
        )
        result = Imported(within.overview(certificate, Usage(), snapshot.access), created=True)
        try:
            within.commit(
                CertificateAdded(certificate, X509Body(file.certificate, chain), wrapped),
                events=[
                    certificate_event(
                        intent,
                        certificate,
                        within.caller,
                        event_id,
                        detail={"has_private_key": certificate.has_private_key, "warnings": []},
                        announcing={"warnings": []},
                    )
                ],
                result=result,
            )
        except CertificateExistsError as error:
            # It came in meanwhile; what is answered depends on whether the caller sees it, and whether it has its key.
            raise ChangedMeanwhileError("the same certificate was imported meanwhile") from error
        return result

    return retry_on_conflict(decide)


def _overrides(command: ImportCommand, pins: PinHasher) -> ImportOverrides:
    """What an ordinary import asks of the request that it completes; alias and description are the request's."""
    asked = command.settings
    return ImportOverrides(
        owner=asked.owner,
        groups=command.groups or KEEP,
        pin_hash=pins.hash(asked.pin) if isinstance(asked.pin, Pin) else KEEP,
        ask_for_reason=asked.ask_for_reason is True,
    )
