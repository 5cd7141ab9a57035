"""ImportIssuedCertificate: the CA's answer to a signing request."""

from collections.abc import Callable
from dataclasses import replace

from signet.domain.access.known_issuers import check_owner
from signet.domain.access.role import Permission
from signet.domain.certificates.certificate_settings import KEEP
from signet.domain.certificates.import_command import Imported, IssuedCommand
from signet.domain.errors import RequestNotPendingError
from signet.domain.events.event import EventType
from signet.domain.signing_requests.signing_request import RequestStatus
from signet.domain.x509.certificate_facts import CertificateFile
from signet.operations.authorisation import permitted, permitted_at_large, permitted_placement
from signet.operations.idempotency import answer_stored_response, certificates_seen
from signet.operations.importing.answer_again import answer_again
from signet.operations.importing.issued_answer import check_answers, issued_answer
from signet.operations.importing.issuing import ImportOverrides, commit_issuing
from signet.operations.importing.path_finding import PathFinder
from signet.operations.references import group_ids
from signet.operations.request_authorisation import permitted_request
from signet.operations.retry_on_conflict import retry_on_conflict
from signet.ports.keys import CertificateReader, IssuedComparer, PathCompleter
from signet.ports.session import Session


def import_issued_certificate(
    request_id: str,
    command: IssuedCommand,
    *,
    within: Session,
    read: CertificateReader,
    complete_path: PathCompleter,
    compare: IssuedComparer,
) -> Imported:
    """Complete the signing request `request_id` by the certificate that the CA issued.

    One that is completed takes another certificate of the same key in place of the first, or the chain after it.

    Raises:
        NotFoundError: there is no such request that the caller sees.
        NotAllowedError: the caller may not import against it, not set an owner, or not disable the renewed one.
        KeyMismatchError: the public key is another one.
        RequestNotPendingError: it was cancelled, or has this very answer.
        AnswerExpiredError, AnswerNotYetValidError: the certificate cannot sign now; the request waits on.
        UnreadableFileError, ...: as `CertificateReader`.
    """
    intent = EventType.CERTIFICATE_IMPORTED
    finder = PathFinder(complete_path, within)
    was_pending = False

    def decide() -> Imported:
        nonlocal was_pending
        snapshot = within.load_request(request_id, x509=True)
        request = permitted_request(Permission.IMPORT_CERTIFICATES, snapshot, within, intent)
        if command.owner is not KEEP:
            permitted_at_large(Permission.SET_OWNER, snapshot.access, within, intent)
            check_owner(command.owner, snapshot.access.issuers, before=request.owner)
        if command.disable_renewed and snapshot.certificate is not None:
            permitted(Permission.EDIT_CERTIFICATES, snapshot, within, EventType.CERTIFICATE_DISABLED)
        answer_stored_response(within, snapshot, certificates_seen(snapshot, within))
        groups = command.groups
        if groups is not KEEP:
            groups = group_ids(groups, snapshot.access, within)
            permitted_placement(groups, snapshot.access, within, intent)
        file = kept_file()
        path = finder.of_known(file.certificate, file.chain)
        if request.status is RequestStatus.COMPLETED:
            if was_pending:
                # Who was to complete it does not know of the answer that came first, and must not replace that.
                raise RequestNotPendingError("The signing request was completed meanwhile.")
            return answer_again(
                snapshot,
                request,
                file,
                replace(command, groups=groups),
                asked=path,
                within=within,
                finder=finder,
                compare=compare,
            )
        was_pending = True
        check_answers(request, file, within)
        known = within.records.load(thumbprint=file.facts.thumbprint_sha256, issuers=path.missing_issuer, x509=True)
        answer = issued_answer(snapshot, request, file, known, asked=path, finder=finder, compare=compare)
        overrides = ImportOverrides(owner=command.owner, groups=groups, disable_renewed=command.disable_renewed)
        return commit_issuing(snapshot, answer, overrides, within=within)

    kept_file = _read_once(lambda: read(command.content, password=None, private_key=None, private_key_password=None))
    return retry_on_conflict(decide)


def _read_once(read: Callable[[], CertificateFile]) -> Callable[[], CertificateFile]:
    kept: list[CertificateFile] = []

    def file() -> CertificateFile:
        if not kept:
            kept.append(read())
        return kept[0]

    return file
