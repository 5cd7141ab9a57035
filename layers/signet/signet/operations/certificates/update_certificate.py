"""UpdateCertificate: alias, description, owner, ask for a reason, PIN."""

from signet.domain.access.known_issuers import check_owner
from signet.domain.certificates.certificate_settings import CertificateUpdate, setting_changes
from signet.domain.certificates.overview import Overview
from signet.domain.errors import StaleVersionError
from signet.domain.events.event import EventType, changed
from signet.domain.signing.use_decision import usage_after
from signet.operations.authorisation import permitted, visible
from signet.operations.retry_on_conflict import retry_on_conflict
from signet.ports.changes import CertificateChanged
from signet.ports.keys import PinHasher
from signet.ports.session import Session


def update_certificate(
    reference: str, update: CertificateUpdate, *, if_match: frozenset[int] | None, within: Session, pins: PinHasher
) -> Overview:
    """Change settings of the certificate that `reference` names.

    Raises:
        NotFoundError: there is none that the caller sees.
        NotAllowedError: the caller may not edit it, or not set its owner.
        StaleVersionError: it is at none of the versions `if_match`.
        AliasTakenError: the alias is in use.
    """

    def decide() -> Overview:
        snapshot = within.load(reference)
        before = visible(snapshot, within)
        for permission in update.needs:
            permitted(permission, snapshot, within, EventType.CERTIFICATE_UPDATED)
        if if_match is not None and before.version not in if_match:
            raise StaleVersionError(f"The certificate is at version {before.version}.")
        check_owner(update.owner, snapshot.access.issuers, before=before.owner)
        after = update.applied_to(before, pins.hash)
        if after == before:
            return within.overview(before, snapshot.usage, snapshot.access)
        after, event = changed(
            EventType.CERTIFICATE_UPDATED,
            before,
            after,
            within.caller,
            within.now,
            usage=snapshot.usage,
            detail={"changes": setting_changes(before, after)},
        )
        within.commit(CertificateChanged(before, after), events=[event])
        return within.overview(after, usage_after(before, after, snapshot.usage), snapshot.access)

    return retry_on_conflict(decide)
