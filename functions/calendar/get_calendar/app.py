"""GET /calendar: the expiry calendar of whoever made the secret link; for programs that can send no token."""

from signet.api.answering.expiry_calendar import ICALENDAR, CalendarQuery, calendar_answer
from signet.api.http_function import Answer, Request, http_function
from signet.operations.calendar.get_calendar import get_calendar
from signet.wiring import wiring


@http_function("GET /v1/calendar", query=CalendarQuery, answers={200: ICALENDAR}, credential="calendar_link")
def lambda_handler(request: Request[None, CalendarQuery]) -> Answer:
    """Answer the calendar; the authorizer has found out whose it is."""
    ports = wiring()
    stages = ports.settings.expiry_stages
    certificates = get_calendar(
        stages=stages, by=request.principal, records=ports.records, listings=ports.listings, clock=ports.clock
    )
    return calendar_answer(certificates, stages, ports.clock.now())
