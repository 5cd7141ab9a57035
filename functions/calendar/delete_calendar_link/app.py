"""DELETE /me/calendar-link: the caller's secret link stops working."""

from signet.api.http_function import Answer, Request, http_function
from signet.domain.errors import NotFoundError
from signet.operations.calendar.delete_calendar_link import delete_calendar_link
from signet.wiring import wiring


@http_function("DELETE /v1/me/calendar-link", answers={204: None}, problems=(NotFoundError,))
def lambda_handler(request: Request[None, None]) -> Answer:
    """Answer nothing; 404 where there is no link."""
    ports = wiring()
    delete_calendar_link(by=request.principal, records=ports.records, links=ports.calendar_links, clock=ports.clock)
    return Answer(204)
