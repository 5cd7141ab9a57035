"""Enable and disable: one deed in two directions."""

from dataclasses import replace

from signet.domain.event import EventType, changed
from signet.domain.overview import Overview, overview
from signet.domain.principal import Principal
from signet.domain.role import Permission
from signet.operations.afresh import afresh
from signet.operations.authorisation import permitted
from signet.operations.ports import CertificateChanged, Clock, Once, Records
from signet.operations.repeats import answer_repeat


def switch(
    reference: str, *, enabled: bool, by: Principal, once: Once | None, records: Records, clock: Clock
) -> Overview:
    """Make a certificate usable or unusable; already so is no error, and no event."""
    intent = EventType.CERTIFICATE_ENABLED if enabled else EventType.CERTIFICATE_DISABLED

    def decide() -> Overview:
        sight = records.sight(reference, once=once)
        before = permitted(Permission.EDIT_CERTIFICATES, sight, by, intent, records=records, clock=clock)
        answer_repeat(once, sight)
        if before.enabled == enabled:
            result = overview(before, sight.usage, sight.access)
            if once is not None:
                records.commit(events=[], once=once, result=result)
            return result
        after, event = changed(intent, before, replace(before, enabled=enabled), by, clock.now(), usage=sight.usage)
        result = overview(after, sight.usage, sight.access)
        records.commit(CertificateChanged(before, after), events=[event], once=once, result=result)
        return result

    return afresh(decide)
