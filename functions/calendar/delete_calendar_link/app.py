"""DELETE /me/calendar-link: the caller's secret link stops working."""

from signet.api.http_function import Request, http_function
from signet.domain.errors import NotFoundError
from signet.operations.calendar.delete_calendar_link import delete_calendar_link
from signet.wiring import at_init, wiring

at_init(lambda ports: (ports.records, ports.calendar_links))


@http_function("DELETE /v1/me/calendar-link", answers={204: None}, problems=(NotFoundError,))
def lambda_handler(request: Request[None, None]) -> None:
    """Answer nothing; 404 where there is no link."""
    ports = wiring()
    delete_calendar_link(within=request.session(ports), links=ports.calendar_links)
