"""ListCalendarLinks: who has a secret link to a calendar."""

from signet.domain.errors import NotAllowedError
from signet.domain.expiry.calendar_link import CalendarLink
from signet.ports.identity import CalendarLinks
from signet.ports.listings import Cursors
from signet.ports.session import Session

_QUERY = "calendar links"


def list_calendar_links(
    *, cursor: str | None, limit: int, within: Session, links: CalendarLinks, cursors: Cursors
) -> tuple[tuple[CalendarLink, ...], str | None]:
    """One page of the links, the oldest first, and the cursor of the next.

    Raises:
        NotAllowedError: the caller is no Administrator.
        BadCursorError: `cursor` was not given to the caller for this list.
    """
    if not within.load().access.is_administrator(within.caller):
        raise NotAllowedError("Only an Administrator may do this.")
    after = cursors.open(cursor, query=_QUERY, by=within.caller)
    found = links.page(after=after, limit=limit + 1)
    page = tuple(found[:limit])
    return page, cursors.make(page[-1].id, query=_QUERY, by=within.caller) if len(found) > limit else None
