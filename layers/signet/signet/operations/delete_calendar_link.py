"""DeleteCalendarLink: the caller's secret link works no more."""

from signet.domain.errors import NotFoundError
from signet.domain.principal import Principal
from signet.operations.afresh import afresh
from signet.operations.calendar_link_changes import revoke
from signet.operations.ports import CalendarLinks, Clock, Records


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

    afresh(decide)
