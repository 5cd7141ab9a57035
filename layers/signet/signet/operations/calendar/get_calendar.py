"""GetCalendar: the expiry calendar of whoever made the secret link that it is asked with."""

from signet.domain.certificates.certificate import Certificate
from signet.operations.calendar.get_expiry_calendar import get_expiry_calendar
from signet.ports.listings import Listings
from signet.ports.session import Session


def get_calendar(*, within: Session, listings: Listings) -> tuple[Certificate, ...]:
    """What the caller, who made the link, may look at now."""
    return get_expiry_calendar(within=within, listings=listings)
