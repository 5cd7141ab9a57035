"""The ends of certificates as an iCalendar (RFC 5545)."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from signet.api.answering.answer import Answer
from signet.api.bodies.fields import Moment
from signet.domain.certificates.certificate import Certificate

ICALENDAR = "text/calendar"
REFRESH = timedelta(hours=6)


class CalendarLinkBody(msgspec.Struct, frozen=True):
    """A secret link to the caller's expiry calendar: shown this once, and good until it is revoked or replaced."""

    id: str
    url: str
    created_at: Moment


class CalendarLinkEntry(msgspec.Struct, frozen=True):
    """Whose link there is, and since when; what opens it is known to who made it."""

    id: str
    user: str
    created_at: Moment
    version: int


class CalendarLinkPage(msgspec.Struct, frozen=True):
    """One page of links, the oldest first."""

    items: tuple[CalendarLinkEntry, ...]
    next_cursor: str | None


class CalendarQuery(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What a calendar program asks with; the authorizer has looked at it already."""

    secret: str


def calendar_answer(certificates: Sequence[Certificate], stages: Sequence[int], now: datetime) -> Answer:
    """The calendar, for the caller alone."""
    headers = {"Content-Disposition": 'inline; filename="expiry.ics"', "Referrer-Policy": "no-referrer"}
    return Answer(200, calendar_of(certificates, stages, now), headers, f"{ICALENDAR}; charset=utf-8")


def calendar_of(certificates: Iterable[Certificate], stages: Sequence[int], now: datetime) -> bytes:
    """One event for each certificate at its end, with an alarm at each of `stages`, days before.

    The event keeps its UID when the certificate is renewed, and moves to the end of the new one.
    """
    import icalendar  # It takes half a second; only the two functions that show a calendar load it.

    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Signet//Expiry//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", "Certificates that expire")
    calendar.add("x-wr-calname", "Certificates that expire")
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", "PT6H")
    for certificate in certificates:
        event = icalendar.Event()
        name = certificate.alias.text
        event.add("uid", f"{certificate.own_and_renewed_ids[0]}@signet")
        event.add("dtstamp", now.replace(microsecond=0))
        event.add("last-modified", certificate.updated_at.replace(microsecond=0))
        # Grows with every change, a renewal's too, and fits 31 bits for some thousand years.
        event.add("sequence", int(certificate.updated_at.timestamp()) // 60)
        event.add("dtstart", certificate.facts.not_after)
        event.add("summary", f"Certificate {name} expires")
        event.add("description", _description(certificate))
        event.add("class", "PRIVATE")
        event.add("transp", "TRANSPARENT")
        for stage in stages:
            alarm = icalendar.Alarm()
            alarm.add("action", "DISPLAY")
            alarm.add("trigger", timedelta(days=-stage))
            alarm.add("description", f"Certificate {name} expires in {stage} day{'s' if stage > 1 else ''}")
            event.add_component(alarm)
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _description(certificate: Certificate) -> str:
    return "\n".join(
        [
            f"Subject: {certificate.facts.subject}",
            f"Issuer: {certificate.facts.issuer}",
            f"Owner: {certificate.owner or 'nobody'}",
            f"Status: {certificate.status.value}",
            f"Renewal: {'waits for the CA' if certificate.pending_request else 'not asked for'}",
            f"Id: {certificate.id}",
        ]
    )
