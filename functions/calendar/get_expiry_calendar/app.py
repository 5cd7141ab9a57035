"""GET /expiry.ics: when certificates end, as an iCalendar with alarms at the stages."""

from signet.api.answering.answer import Answer
from signet.api.answering.expiry_calendar import ICALENDAR, calendar_answer
from signet.api.http_function import Request, http_function
from signet.operations.calendar.get_expiry_calendar import get_expiry_calendar
from signet.wiring import at_init, wiring

at_init(lambda ports: (ports.records, ports.listings))


@http_function("GET /v1/expiry.ics", answers={200: ICALENDAR})
def lambda_handler(request: Request[None, None]) -> Answer:
    """Answer the calendar of what the caller may look at; a renewed certificate is its renewal's to show."""
    ports = wiring()
    within = request.session(ports)
    certificates = get_expiry_calendar(within=within, listings=ports.listings)
    return calendar_answer(certificates, within.stages, within.now)
