"""RevokeCalendarLink: somebody's secret link stops working."""

from signet.domain.access.principal import Principal
from signet.domain.errors import NotFoundError
from signet.domain.events.event import EventType
from signet.domain.identifiers import is_id
from signet.operations.access_changes import check_version
from signet.operations.authorisation import only_administrators
from signet.operations.calendar.calendar_link_changes import revoke
from signet.operations.retry_on_conflict import retry_on_conflict
from signet.ports.clock import Clock
from signet.ports.identity import CalendarLinks
from signet.ports.store import Records


def revoke_calendar_link(
    link_id: str,
    *,
    if_match: frozenset[int] | None,
    by: Principal,
    records: Records,
    links: CalendarLinks,
    clock: Clock,
) -> None:
    """Revoke the link with that id, whoever made it, at once.

    Raises:
        NotAllowedError: `by` is no Administrator, whether there is such a link or not; recorded.
        NotFoundError: there is none, or not any more.
        StaleVersionError: it is at none of the versions `if_match`.
    """
    known = is_id("cal", link_id)

    def decide() -> None:
        only_administrators(
            records.load().access,
            by,
            EventType.CALENDAR_LINK_REVOKED,
            records=records,
            clock=clock,
            detail={"calendar_link_id": link_id} if known else None,
        )
        link = links.get(link_id) if known else None
        if link is None:
            raise NotFoundError
        check_version(link, if_match)
        revoke(link, by=by, records=records, clock=clock)

    retry_on_conflict(decide)
