"""GetExpiryCalendar: when the certificates that the caller may look at end."""

from datetime import UTC, datetime, timedelta

from signet.domain.certificates.certificate import Certificate
from signet.domain.certificates.certificate_query import CertificateQuery, CertificateSort
from signet.domain.certificates.listed_certificate import ListedCertificate
from signet.ports.listings import Listings
from signet.ports.session import Session

PAST = timedelta(days=90)
"""How long a certificate stays in the calendar after its end."""

MOST = 1000
"""How many certificates a calendar holds, those that end soonest: programs fetch it whole, every few hours."""

LAST = datetime(4500, 1, 1, tzinfo=UTC)
"""From here on a certificate has no end that anybody plans for (RFC 5280, 4.1.2.5: 99991231235959Z), and Outlook, whose
own dates end on 4500-08-31, refuses the whole calendar for one such event ([MS-OXCDATA], PtypTime)."""

_PAGE = 200


def get_expiry_calendar(*, within: Session, listings: Listings) -> tuple[Certificate, ...]:
    """The certificates that the caller may look at, the soonest end first; a renewed one is its renewal's to show.

    Those that end in the year 4500 or later are left out.
    """
    access = within.load().access
    now = within.now
    query = CertificateQuery(sort=CertificateSort.VALID_TO, expires_from=now - PAST)

    def keep(listed: ListedCertificate) -> bool:
        return listed.not_after < LAST and access.sees(within.caller, listed) and access.may_read(within.caller, listed)

    found: list[Certificate] = []
    position = None
    while len(found) < MOST:
        page = listings.certificates(
            query, access.scope_of(within.caller), after=position, limit=_PAGE, now=now, stages=within.stages, keep=keep
        )
        found += [each.certificate for each in page.items if each.certificate.renewed_by is None]
        position = page.next_position
        if position is None:
            break
    return tuple(found[:MOST])
