"""What a CA answered to a signing request: whether it is an answer, the path above it, and what is odd about it."""

from dataclasses import dataclass
from datetime import datetime

from signet.domain.certificates.certificate import Certificate
from signet.domain.errors import (
    AnswerExpiredError,
    AnswerNotYetValidError,
    CertificateExistsError,
    KeyMismatchError,
    RequestNotPendingError,
)
from signet.domain.identifiers import with_prefix
from signet.domain.moments import rfc3339
from signet.domain.signing_requests.issued_warning import IssuedWarning, in_order
from signet.domain.signing_requests.signing_request import SigningRequest
from signet.domain.x509.certificate_facts import CertificateFacts, CertificateFile, CertificatePath
from signet.operations.importing.path_finding import PathFinder
from signet.ports.keys import IssuedComparer
from signet.ports.session import Session
from signet.ports.store import Snapshot


@dataclass(frozen=True, slots=True)
class IssuedAnswer:
    """A certificate that answers a signing request."""

    file: CertificateFile
    chain: tuple[bytes, ...]
    """The path above it, DER each, as far as the file and what is under management have it."""
    warnings: tuple[str, ...]
    """What is odd about it, and allowed."""
    keyless_duplicate: str | None
    """Id of the same X.509 under management without its key, which must not keep the request from its answer."""


def check_answers(request: SigningRequest, file: CertificateFile, within: Session) -> None:
    """Nothing, if `file` is an answer to `request` that can be taken now.

    Raises:
        RequestNotPendingError: it has its answer, or was cancelled.
        KeyMismatchError: the public key is another one.
        AnswerExpiredError, AnswerNotYetValidError: as `check_in_force`; a certificate that renews none may begin later.
    """
    if not request.is_pending:
        raise RequestNotPendingError(f"The signing request is {request.status.value}.")
    if file.facts.spki_sha256 != request.spki_sha256:
        raise KeyMismatchError("The certificate's public key is not the signing request's.")
    check_in_force(file.facts, within.now, may_begin_later=request.renews is None)


def check_in_force(facts: CertificateFacts, now: datetime, *, may_begin_later: bool = False) -> None:
    """Nothing, if a certificate can sign at `now`: an alias never moves to one that cannot.

    Raises:
        AnswerExpiredError: it is past its end.
        AnswerNotYetValidError: it begins later.
    """
    if now > facts.not_after:
        raise AnswerExpiredError(f"The certificate ended at {rfc3339(facts.not_after)}: ask the CA for another one.")
    if now < facts.not_before and not may_begin_later:
        raise AnswerNotYetValidError(facts.not_before, now)


def issued_answer(
    waiting: Snapshot,
    request: SigningRequest,
    file: CertificateFile,
    known: Snapshot,
    *,
    asked: CertificatePath,
    finder: PathFinder,
    compare: IssuedComparer,
    held: tuple[bytes, ...] = (),
) -> IssuedAnswer:
    """The answer that `file` is to `request`.

    Args:
        waiting: of the request, with the X.509 of the certificate that it renews.
        request: the request of `waiting`, still pending or not.
        file: what the CA issued.
        known: of the same X.509, if it is under management, and of the issuers that `asked` misses.
        asked: the path of the file.
        finder: finds the path.
        compare: compares the certificate with the CSR.
        held: the path above the certificate that it takes the place of.

    Raises:
        CertificateExistsError: the same X.509 is under management with a key, as another certificate.
    """
    keyless_duplicate = known.certificate
    if keyless_duplicate is not None and keyless_duplicate.id == with_prefix("crt", request.id):
        keyless_duplicate = None  # It is the very certificate that the request was completed by.
    if keyless_duplicate is not None and keyless_duplicate.has_private_key:
        raise CertificateExistsError(
            keyless_duplicate.id if known.access.sees(finder.within.caller, keyless_duplicate) else None
        )
    pools = [file.chain, held]
    if waiting.x509 is not None:
        pools.append(waiting.x509.chain)
    if (
        keyless_duplicate is not None
        and known.x509 is not None
        and known.access.may_read(finder.within.caller, keyless_duplicate)
    ):
        pools.append(known.x509.chain)
    chain = finder.of_held(file.certificate, *pools, snapshot=known, asked=asked)
    return IssuedAnswer(
        file,
        chain,
        warnings_of(request, waiting.certificate, file, chain, compare=compare, now=finder.within.now),
        None if keyless_duplicate is None else keyless_duplicate.id,
    )


def warnings_of(
    request: SigningRequest,
    renewed: Certificate | None,
    file: CertificateFile,
    chain: tuple[bytes, ...],
    *,
    compare: IssuedComparer,
    now: datetime,
) -> tuple[str, ...]:
    """What is odd about the certificate of `file`, issued for `request`, with `chain` above it."""
    found = set(compare(request.csr, file.certificate))
    if now < file.facts.not_before:
        found.add(IssuedWarning.NOT_YET_VALID)
    if renewed is not None and file.facts.not_after < renewed.facts.not_after:
        found.add(IssuedWarning.ENDS_BEFORE_RENEWED)
    if not chain and IssuedWarning.SELF_SIGNED not in found:
        found.add(IssuedWarning.ISSUER_UNKNOWN)
    return in_order(found)
