"""Enable and disable: one change in two directions."""

from signet.domain.access.principal import Principal
from signet.domain.access.role import Permission
from signet.domain.certificates.overview import Overview, overview
from signet.domain.events.event import EventType
from signet.operations.authorisation import permitted
from signet.operations.certificate_changes import enabled_change
from signet.operations.idempotency import answer_stored_response, certificates_seen
from signet.operations.retry_on_conflict import retry_on_conflict
from signet.ports.clock import Clock
from signet.ports.idempotency import IdempotencyKey
from signet.ports.store import Records


def set_enabled(
    reference: str, *, enabled: bool, by: Principal, idempotency: IdempotencyKey | None, records: Records, clock: Clock
) -> Overview:
    """Make a certificate usable or unusable; already so is no error, and no event."""
    intent = EventType.CERTIFICATE_ENABLED if enabled else EventType.CERTIFICATE_DISABLED

    def decide() -> Overview:
        snapshot = records.load(reference, idempotency=idempotency)
        before = permitted(Permission.EDIT_CERTIFICATES, snapshot, by, intent, records=records, clock=clock)
        answer_stored_response(idempotency, snapshot, certificates_seen(snapshot, by, records))
        deed = enabled_change(before, snapshot.usage, enabled=enabled, by=by, clock=clock)
        result = overview(before if deed is None else deed.after, snapshot.usage, snapshot.access, by)
        if deed is not None:
            records.commit(*deed.changes, events=deed.events, idempotency=idempotency, result=result)
        elif idempotency is not None:
            records.commit(events=[], idempotency=idempotency, result=result, about=[before.id])
        return result

    return retry_on_conflict(decide)
