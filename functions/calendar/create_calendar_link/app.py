"""POST /me/calendar-link: a secret link to the caller's expiry calendar; the link before it stops working."""

from typing import Any

from signet.api.answering.answer import Answer
from signet.api.answering.expiry_calendar import CalendarLinkBody
from signet.api.http_function import Request, http_function
from signet.domain.errors import NotFoundError
from signet.domain.moments import rfc3339
from signet.operations.calendar.create_calendar_link import MadeLink, create_calendar_link
from signet.wiring import at_init, wiring

at_init(lambda ports: (ports.records, ports.calendar_links))


def link_answer(made: MadeLink, request: Request[Any, Any]) -> Answer:
    url = f"{request.origin}/v1/calendar?secret={made.secret}"
    return Answer(201, CalendarLinkBody(made.link.id, url, rfc3339(made.link.created_at)))


@http_function(
    "POST /v1/me/calendar-link", answers={201: CalendarLinkBody}, respond=link_answer, problems=(NotFoundError,)
)
def lambda_handler(request: Request[None, None]) -> MadeLink:
    """Answer the link, this once: only a hash of its secret is kept. Whoever has it sees what the caller may."""
    ports = wiring()
    return create_calendar_link(within=request.session(ports), links=ports.calendar_links)
