"""DeleteCalendarLink: the caller's secret link stops working."""

from signet.domain.errors import NotFoundError
from signet.operations.calendar.calendar_link_changes import revoke
from signet.operations.retry_on_conflict import retry_on_conflict
from signet.ports.identity import CalendarLinks
from signet.ports.session import Session


def delete_calendar_link(*, within: Session, links: CalendarLinks) -> None:
    """Revoke the link of the caller, at once.

    Raises:
        NotFoundError: there is none.
    """

    def decide() -> None:
        link = links.of(within.caller.user)
        if link is None:
            raise NotFoundError
        revoke(link, within=within)

    retry_on_conflict(decide)
