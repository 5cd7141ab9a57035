"""GetEvent: one line of the audit record."""

from signet.domain.errors import NotFoundError
from signet.domain.event import Event
from signet.domain.identifiers import is_id
from signet.domain.principal import Principal
from signet.operations.event_sight import event_scope
from signet.operations.ports import Records


def get_event(event_id: str, *, by: Principal, records: Records) -> Event:
    """The event `event_id`.

    Raises:
        NotFoundError: there is none that `by` may look at.
    """
    event = records.event(event_id) if is_id("evt", event_id) else None
    if event is None:
        raise NotFoundError
    sight = records.sight(event.certificate.id if event.certificate else None)
    if not event_scope(sight.access, by, sight.certificate).holds(event):
        raise NotFoundError
    return event
