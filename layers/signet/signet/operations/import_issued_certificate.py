"""ImportIssuedCertificate: the CA's answer to a signing request."""

from collections.abc import Callable

from signet.domain.certificate_update import KEEP
from signet.domain.errors import CertificateExistsError, ChangedMeanwhileError
from signet.domain.event import EventType
from signet.domain.identifiers import with_prefix
from signet.domain.import_order import Imported, IssuedOrder
from signet.domain.principal import Principal
from signet.domain.role import Permission
from signet.domain.x509 import CertificateFile
from signet.operations.afresh import afresh
from signet.operations.authorisation import permitted, permitted_at_large, permitted_placement
from signet.operations.completion import Wishes, check_answers, commit_completion
from signet.operations.import_certificate import check_groups
from signet.operations.ports import CertificateReader, Clock, Once, Records
from signet.operations.repeats import answer_repeat
from signet.operations.request_authorisation import permitted_request


def import_issued_certificate(
    request_id: str,
    order: IssuedOrder,
    *,
    by: Principal,
    once: Once | None,
    records: Records,
    read: CertificateReader,
    clock: Clock,
) -> Imported:
    """Complete the signing request `request_id` by the certificate that the CA issued.

    Raises:
        NotFoundError: there is no such request that `by` sees.
        NotAllowedError: `by` may not import against it, not set an owner, or not disable the renewed one.
        KeyMismatchError: the public key is another one.
        RequestNotPendingError: it has its answer, or was cancelled.
        UnreadableFileError, ...: as `CertificateReader`.
    """
    intent = EventType.CERTIFICATE_IMPORTED

    def decide() -> Imported:
        sight = records.request_sight(request_id, once=once)
        request = permitted_request(Permission.IMPORT_CERTIFICATES, sight, by, intent, records=records, clock=clock)
        if order.owner is not KEEP:
            permitted_at_large(Permission.SET_OWNER, sight.access, by, intent, records=records, clock=clock)
        if order.disable_renewed and sight.certificate is not None:
            permitted(
                Permission.EDIT_CERTIFICATES,
                sight,
                by,
                EventType.CERTIFICATE_DISABLED,
                records=records,
                clock=clock,
            )
        answer_repeat(once, sight)
        if order.groups is not KEEP:
            check_groups(order.groups, sight.access, by)
            permitted_placement(order.groups, sight.access, by, intent, records=records, clock=clock)
        file = kept_file()
        check_answers(request, file)
        existing = records.sight(thumbprint=file.facts.thumbprint_sha256)
        twin = existing.certificate
        if twin is not None and twin.id == with_prefix("crt", request.id):
            raise ChangedMeanwhileError("the request was completed while its answer was read")
        if twin is not None and twin.has_private_key:
            raise CertificateExistsError(twin.id if existing.access.sees(by, twin) else None)
        wishes = Wishes(owner=order.owner, groups=order.groups, disable_renewed=order.disable_renewed)
        twin_id = twin.id if twin is not None else None
        return commit_completion(sight, file, wishes, by=by, once=once, records=records, clock=clock, twin=twin_id)

    kept_file = _read_once(lambda: read(order.content, password=None, private_key=None, private_key_password=None))
    return afresh(decide)


def _read_once(read: Callable[[], CertificateFile]) -> Callable[[], CertificateFile]:
    kept: list[CertificateFile] = []

    def file() -> CertificateFile:
        if not kept:
            kept.append(read())
        return kept[0]

    return file
