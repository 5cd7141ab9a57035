"""GET /expiry.ics: when certificates end, as an iCalendar with alarms at the stages."""

from signet.api.answering.expiry_calendar import ICALENDAR, calendar_answer
from signet.api.http_function import Answer, Request, http_function
from signet.operations.calendar.get_expiry_calendar import get_expiry_calendar
from signet.wiring import wiring


@http_function("GET /v1/expiry.ics", answers={200: ICALENDAR})
def lambda_handler(request: Request[None, None]) -> Answer:
    """Answer the calendar of what the caller may look at; a renewed certificate is its renewal's to show."""
    ports = wiring()
    stages = ports.settings.expiry_stages
    certificates = get_expiry_calendar(
        stages=stages, by=request.principal, records=ports.records, listings=ports.listings, clock=ports.clock
    )
    return calendar_answer(certificates, stages, ports.clock.now())
