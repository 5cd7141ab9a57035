"""A completed signing request is answered again: the CA corrected its certificate, or sends the chain after it.

before   crt_X, alias, settings, counters, key    X.509 of the first answer
after    crt_X, alias, settings, counters, key    X.509 of the second, with its own path; expiry watched from now
"""

from collections.abc import Mapping
from dataclasses import replace

from signet.domain.access.role import Permission
from signet.domain.certificates.certificate import Certificate, X509Body
from signet.domain.certificates.import_command import Imported, IssuedCommand
from signet.domain.errors import InvalidInputError, KeyMismatchError, RequestNotPendingError
from signet.domain.events.changes import changes_between
from signet.domain.events.event import EventType, changed
from signet.domain.moments import rfc3339
from signet.domain.signing_requests.signing_request import SigningRequest
from signet.domain.x509.certificate_facts import CertificateFacts, CertificateFile, CertificatePath
from signet.operations.authorisation import permitted
from signet.operations.importing.import_again import path_changes
from signet.operations.importing.issued_answer import IssuedAnswer, check_in_force, issued_answer, warnings_of
from signet.operations.importing.path_finding import PathFinder
from signet.ports.changes import CertificateChanged
from signet.ports.keys import IssuedComparer
from signet.ports.session import Session
from signet.ports.store import Snapshot


def answer_again(
    answered: Snapshot,
    request: SigningRequest,
    file: CertificateFile,
    command: IssuedCommand,
    *,
    asked: CertificatePath,
    within: Session,
    finder: PathFinder,
    compare: IssuedComparer,
) -> Imported:
    """Give the certificate that completed `request` the X.509 of `file`, or more of its path; else it stays as it is.

    Args:
        answered: of the request, with the certificate that it renewed.
        request: the request of `answered`, completed.
        file: what came.
        command: what else was asked for, which must be nothing here.
        asked: the path of the file.
        within: who asks, of which store.
        finder: finds paths.
        compare: compares certificates with CSRs.

    Raises:
        RequestNotPendingError: it is the very certificate, with nothing to add, or that is deleted.
        KeyMismatchError: it is neither a certificate of the request's key nor issuers of its certificate.
        NotAllowedError: the caller may not edit the certificate; recorded.
        AnswerExpiredError, AnswerNotYetValidError: it is not in force.
        CertificateExistsError: it is under management already, with a key, as another certificate.
        InvalidInputError: settings came with it, which stay as they are.
    """
    snapshot = within.records.load(
        request.certificate_id, thumbprint=file.facts.thumbprint_sha256, issuers=asked.missing_issuer, x509=True
    )
    before, x509 = snapshot.certificate, snapshot.x509
    if before is None or x509 is None:
        raise RequestNotPendingError("The signing request is completed, and its certificate was deleted.")
    is_another = file.facts.thumbprint_sha256 != before.facts.thumbprint_sha256
    if is_another and file.facts.spki_sha256 == request.spki_sha256:
        _permitted(snapshot, command, within)
        check_in_force(file.facts, within.now)
        known = (
            within.records.load(thumbprint=file.facts.thumbprint_sha256, x509=True)
            if snapshot.same_x509
            else Snapshot(snapshot.access)
        )
        known = replace(known, issuers=snapshot.issuers)
        # A CA that corrects its certificate seldom sends its own again: the path stays, as far as it fits.
        answer = issued_answer(
            answered, request, file, known, asked=asked, finder=finder, compare=compare, held=x509.chain
        )
        return _replaced(snapshot, before, x509, request, answer, within=within)

    issuers = (file.certificate, *file.chain) if is_another else file.chain
    chain = finder.of_held(x509.certificate, x509.chain, issuers, snapshot=snapshot, asked=asked)
    if chain == x509.chain:
        if is_another:
            raise KeyMismatchError("The certificate's public key is not the signing request's.")
        raise RequestNotPendingError("The signing request is completed, by this certificate.")
    _permitted(snapshot, command, within)
    same = CertificateFile(x509.certificate, chain, before.facts)
    warnings = warnings_of(request, answered.certificate, same, chain, compare=compare, now=within.now)
    answer = IssuedAnswer(same, chain, warnings, keyless_duplicate=None)
    return _replaced(snapshot, before, x509, request, answer, within=within)


def _permitted(snapshot: Snapshot, command: IssuedCommand, within: Session) -> None:
    permitted(Permission.EDIT_CERTIFICATES, snapshot, within, EventType.CERTIFICATE_IMPORTED)
    for name in command.settings:
        raise InvalidInputError.at(name, "the request is completed: settings stay; change them by themselves")


def _replaced(
    snapshot: Snapshot,
    before: Certificate,
    x509: X509Body,
    request: SigningRequest,
    answer: IssuedAnswer,
    *,
    within: Session,
) -> Imported:
    facts = answer.file.facts
    wanted = replace(before, facts=facts)
    if facts.not_after != before.facts.not_after:
        # What was announced was about another end.
        wanted = replace(wanted, flagged_stage=None, flagged_at=None)
    after, event = changed(
        EventType.CERTIFICATE_IMPORTED,
        before,
        wanted,
        within.caller,
        within.now,
        usage=snapshot.usage,
        detail={
            "has_private_key": True,
            "request_id": request.id,
            "renews": before.renews,
            "warnings": list(answer.warnings),
            "changes": {**changes_between(_told(before.facts), _told(facts)), **path_changes(x509.chain, answer.chain)},
        },
        announcing={"warnings": list(answer.warnings)},
    )
    result = Imported(within.overview(after, snapshot.usage, snapshot.access), created=False, warnings=answer.warnings)
    body = X509Body(answer.file.certificate, answer.chain)
    within.commit(
        CertificateChanged(before, after, x509=body, keyless_duplicate=answer.keyless_duplicate),
        events=[event],
        result=result,
    )
    return result


def _told(facts: CertificateFacts) -> Mapping[str, object]:
    return {
        "thumbprint_sha256": facts.thumbprint_sha256,
        "serial_number": facts.serial_number,
        "subject": facts.subject,
        "issuer": facts.issuer,
        "valid_from": rfc3339(facts.not_before),
        "valid_to": rfc3339(facts.not_after),
    }
