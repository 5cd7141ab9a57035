"""DeleteCalendarLink: the caller's secret link works no more."""

from signet.domain.errors import NotFoundError
from signet.domain.principal import Principal
from signet.operations.afresh import afresh
from signet.operations.ports import CalendarLinkChanged, CalendarLinks, Records


def delete_calendar_link(*, by: Principal, records: Records, links: CalendarLinks) -> None:
    """Revoke the link of `by`, at once.

    Raises:
        NotFoundError: there is none.
    """

    def decide() -> None:
        before = links.of(by.user)
        if before is None:
            raise NotFoundError
        records.commit(CalendarLinkChanged(by.user, before, None), events=[])

    afresh(decide)
