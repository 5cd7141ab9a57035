"""AuthorizeCalendarLink: whose calendar a secret opens."""

from signet.domain.expiry.calendar_link import MAX_SECRET_CHARACTERS, CalendarLink, digest_of
from signet.ports.identity import CalendarLinks


def authorize_calendar_link(secret: str, *, links: CalendarLinks) -> CalendarLink | None:
    """The link with `secret`; None where there is none, or it has ended."""
    return links.find(digest_of(secret)) if len(secret) <= MAX_SECRET_CHARACTERS else None
