"""CreateCertificateGroup: a new set of certificates, empty at first."""

from signet.domain.access.certificate_group import CertificateGroup, CertificateGroupSettings
from signet.operations.access_changes import CERTIFICATE_GROUP, commit_created
from signet.operations.authorisation import only_administrators
from signet.operations.idempotency import answer_stored_response
from signet.operations.retry_on_conflict import retry_on_conflict
from signet.ports.session import Session


def create_certificate_group(settings: CertificateGroupSettings, *, within: Session) -> CertificateGroup:
    """Make a certificate group.

    Raises:
        NotAllowedError: the caller is no Administrator; recorded.
        NameTakenError: another group has the name.
    """

    def decide() -> CertificateGroup:
        snapshot = within.load()
        only_administrators(snapshot.access, within, CERTIFICATE_GROUP.created, detail={"name": settings.name})
        answer_stored_response(within, snapshot, snapshot.access.groups.__contains__)
        return commit_created(
            CERTIFICATE_GROUP,
            lambda identifier, at: CertificateGroup(identifier, settings, at, within.caller.user, at),
            access=snapshot.access,
            within=within,
        )

    return retry_on_conflict(decide)
