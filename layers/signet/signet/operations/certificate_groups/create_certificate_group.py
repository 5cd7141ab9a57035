"""CreateCertificateGroup: a new set of certificates, empty at first."""

from signet.domain.access.certificate_group import CertificateGroup, CertificateGroupSettings
from signet.domain.access.principal import Principal
from signet.operations.access_changes import CERTIFICATE_GROUP, commit_created
from signet.operations.authorisation import only_administrators
from signet.operations.idempotency import answer_stored_response
from signet.operations.retry_on_conflict import retry_on_conflict
from signet.ports.clock import Clock
from signet.ports.idempotency import IdempotencyKey
from signet.ports.store import Records


def create_certificate_group(
    settings: CertificateGroupSettings,
    *,
    by: Principal,
    idempotency: IdempotencyKey | None,
    records: Records,
    clock: Clock,
) -> CertificateGroup:
    """Make a certificate group.

    Raises:
        NotAllowedError: `by` is no Administrator; recorded.
        NameTakenError: another group has the name.
    """

    def decide() -> CertificateGroup:
        snapshot = records.load(idempotency=idempotency)
        only_administrators(
            snapshot.access,
            by,
            CERTIFICATE_GROUP.created,
            records=records,
            clock=clock,
            detail={"name": settings.name},
        )
        answer_stored_response(idempotency, snapshot, snapshot.access.groups.__contains__)
        return commit_created(
            CERTIFICATE_GROUP,
            lambda identifier, at: CertificateGroup(identifier, settings, at, by.user, at),
            access=snapshot.access,
            by=by,
            idempotency=idempotency,
            records=records,
            clock=clock,
        )

    return retry_on_conflict(decide)
