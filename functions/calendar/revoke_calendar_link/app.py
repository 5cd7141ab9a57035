"""DELETE /calendar-links/{id}: somebody's secret link to the calendar stops working."""

from signet.api.http_function import Request, http_function
from signet.domain.errors import NotAllowedError, NotFoundError, StaleVersionError
from signet.operations.calendar.revoke_calendar_link import revoke_calendar_link
from signet.wiring import at_init, wiring

at_init(lambda ports: (ports.records, ports.calendar_links))


@http_function(
    "DELETE /v1/calendar-links/{id}", answers={204: None}, problems=(NotFoundError, NotAllowedError, StaleVersionError)
)
def lambda_handler(request: Request[None, None]) -> None:
    """Answer nothing; for Administrators only."""
    ports = wiring()
    revoke_calendar_link(
        request.path["id"], if_match=request.if_match, within=request.session(ports), links=ports.calendar_links
    )
