"""Enable and disable: one deed in two directions."""

from signet.domain.access.principal import Principal
from signet.domain.access.role import Permission
from signet.domain.certificates.overview import Overview, overview
from signet.domain.events.event import EventType
from signet.operations.authorisation import permitted
from signet.operations.certificate_changes import switched
from signet.operations.idempotency import answer_repeat, certificates_seen
from signet.operations.retry_on_conflict import afresh
from signet.ports.clock import Clock
from signet.ports.idempotency import Once
from signet.ports.store import Records


def switch(
    reference: str, *, enabled: bool, by: Principal, once: Once | None, records: Records, clock: Clock
) -> Overview:
    """Make a certificate usable or unusable; already so is no error, and no event."""
    intent = EventType.CERTIFICATE_ENABLED if enabled else EventType.CERTIFICATE_DISABLED

    def decide() -> Overview:
        sight = records.sight(reference, once=once)
        before = permitted(Permission.EDIT_CERTIFICATES, sight, by, intent, records=records, clock=clock)
        answer_repeat(once, sight, certificates_seen(sight, by, records))
        deed = switched(before, sight.usage, enabled=enabled, by=by, clock=clock)
        result = overview(before if deed is None else deed.after, sight.usage, sight.access, by)
        if deed is not None:
            records.commit(*deed.changes, events=deed.events, once=once, result=result)
        elif once is not None:
            records.commit(events=[], once=once, result=result, about=[before.id])
        return result

    return afresh(decide)
