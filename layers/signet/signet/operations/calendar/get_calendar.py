"""GetCalendar: the expiry calendar of whoever made the secret link that it is asked with."""

from signet.domain.access.principal import Principal
from signet.domain.certificates.certificate import Certificate
from signet.operations.calendar.get_expiry_calendar import get_expiry_calendar
from signet.ports.clock import Clock
from signet.ports.listings import Listings
from signet.ports.store import Records


def get_calendar(
    *, stages: tuple[int, ...], by: Principal, records: Records, listings: Listings, clock: Clock
) -> tuple[Certificate, ...]:
    """What `by`, who made the link, may look at now."""
    return get_expiry_calendar(stages=stages, by=by, records=records, listings=listings, clock=clock)
