"""GetEvent: one line of the audit record."""

from signet.domain.errors import NotFoundError
from signet.domain.events.event import Event
from signet.domain.identifiers import NOBODYS, is_id
from signet.operations.events.event_visibility import as_shown, event_scope
from signet.ports.session import Session


def get_event(event_id: str, *, within: Session) -> Event:
    """The event `event_id`.

    Raises:
        NotFoundError: there is none that the caller may look at.
    """
    event = within.records.event(event_id) if is_id("evt", event_id) else None
    # Who may look is asked of an event that is not there, too: the two are one answer, and cost the same.
    snapshot = within.load(event.certificate.id if event is not None and event.certificate else NOBODYS)
    if event is None or not event_scope(snapshot.access, within, snapshot.certificate).holds(event):
        snapshot.read_again()
        raise NotFoundError
    return as_shown(event, snapshot.access, within)
