"""GET /calendar-links: who has a secret link to a calendar."""

from signet.api.answering.answer import Answer
from signet.api.answering.expiry_calendar import CalendarLinkEntry, CalendarLinkPage
from signet.api.bodies.fields import PageQuery
from signet.api.http_function import Request, http_function
from signet.domain.errors import BadCursorError, NotAllowedError
from signet.domain.moments import rfc3339
from signet.operations.calendar.list_calendar_links import list_calendar_links
from signet.wiring import at_init, wiring

at_init(lambda ports: (ports.records, ports.calendar_links, ports.cursors))


@http_function(
    "GET /v1/calendar-links",
    query=PageQuery,
    answers={200: CalendarLinkPage},
    problems=(NotAllowedError, BadCursorError),
)
def lambda_handler(request: Request[None, PageQuery]) -> Answer:
    """Answer one page of links, the oldest first; for Administrators only."""
    ports = wiring()
    links, next_cursor = list_calendar_links(
        cursor=request.query.cursor,
        limit=request.query.limit,
        within=request.session(ports),
        links=ports.calendar_links,
        cursors=ports.cursors,
    )
    entries = tuple(CalendarLinkEntry(link.id, link.user, rfc3339(link.created_at), link.version) for link in links)
    return Answer(200, CalendarLinkPage(entries, next_cursor))
