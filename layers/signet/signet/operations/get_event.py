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
    access = records.sight().access
    event = records.event(event_id) if is_id("evt", event_id) else None
    if event is None or not event_scope(access, by).holds(event):
        raise NotFoundError
    return event
