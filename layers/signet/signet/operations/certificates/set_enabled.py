"""Enable and disable: one change in two directions."""

from signet.domain.access.role import Permission
from signet.domain.certificates.overview import Overview
from signet.domain.events.event import EventType
from signet.operations.authorisation import permitted
from signet.operations.certificate_changes import enabled_change
from signet.operations.idempotency import answer_stored_response, certificates_seen
from signet.operations.retry_on_conflict import retry_on_conflict
from signet.ports.session import Session


def set_enabled(reference: str, *, enabled: bool, within: Session) -> Overview:
    """Make a certificate usable or unusable; already so is no error, and no event."""
    intent = EventType.CERTIFICATE_ENABLED if enabled else EventType.CERTIFICATE_DISABLED

    def decide() -> Overview:
        snapshot = within.load(reference)
        before = permitted(Permission.EDIT_CERTIFICATES, snapshot, within, intent)
        answer_stored_response(within, snapshot, certificates_seen(snapshot, within))
        change = enabled_change(before, snapshot.usage, enabled=enabled, within=within)
        result = within.overview(before if change is None else change.after, snapshot.usage, snapshot.access)
        if change is not None:
            within.commit(*change.changes, events=change.events, result=result)
        elif within.idempotency is not None:
            within.commit(events=[], result=result, about=[before.id])
        return result

    return retry_on_conflict(decide)
