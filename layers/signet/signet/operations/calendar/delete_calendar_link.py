"""DeleteCalendarLink: the caller's secret link stops working."""

from signet.domain.access.principal import Principal
from signet.domain.errors import NotFoundError
from signet.operations.calendar.calendar_link_changes import revoke
from signet.operations.retry_on_conflict import retry_on_conflict
from signet.ports.clock import Clock
from signet.ports.identity import CalendarLinks
from signet.ports.store import Records


def delete_calendar_link(*, by: Principal, records: Records, links: CalendarLinks, clock: Clock) -> None:
    """Revoke the link of `by`, at once.

    Raises:
        NotFoundError: there is none.
    """

    def decide() -> None:
        link = links.of(by.user)
        if link is None:
            raise NotFoundError
        revoke(link, by=by, records=records, clock=clock)

    retry_on_conflict(decide)
