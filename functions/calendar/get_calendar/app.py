"""GET /calendar: the expiry calendar of whoever made the secret link; for programs that can send no token."""

from signet.api.answering.answer import Answer
from signet.api.answering.expiry_calendar import ICALENDAR, CalendarQuery, calendar_answer
from signet.api.http_function import Request, http_function
from signet.operations.calendar.get_calendar import get_calendar
from signet.wiring import at_init, wiring

at_init(lambda ports: (ports.records, ports.listings))


@http_function("GET /v1/calendar", query=CalendarQuery, answers={200: ICALENDAR}, credential="calendar_link")
def lambda_handler(request: Request[None, CalendarQuery]) -> Answer:
    """Answer the calendar; the authorizer has found out whose it is."""
    ports = wiring()
    within = request.session(ports)
    certificates = get_calendar(within=within, listings=ports.listings)
    return calendar_answer(certificates, within.stages, within.now)
