"""RevokeCalendarLink: somebody's secret link stops working."""

from signet.domain.errors import NotFoundError
from signet.domain.events.event import EventType
from signet.domain.identifiers import is_id
from signet.operations.access_changes import check_version
from signet.operations.authorisation import only_administrators
from signet.operations.calendar.calendar_link_changes import revoke
from signet.operations.retry_on_conflict import retry_on_conflict
from signet.ports.identity import CalendarLinks
from signet.ports.session import Session


def revoke_calendar_link(
    link_id: str, *, if_match: frozenset[int] | None, within: Session, links: CalendarLinks
) -> None:
    """Revoke the link with that id, whoever made it, at once.

    Raises:
        NotAllowedError: the caller is no Administrator, whether there is such a link or not; recorded.
        NotFoundError: there is none, or not any more.
        StaleVersionError: it is at none of the versions `if_match`.
    """
    known = is_id("cal", link_id)

    def decide() -> None:
        only_administrators(
            within.load().access,
            within,
            EventType.CALENDAR_LINK_REVOKED,
            detail={"calendar_link_id": link_id} if known else None,
        )
        link = links.get(link_id) if known else None
        if link is None:
            raise NotFoundError
        check_version(link, if_match)
        revoke(link, within=within)

    retry_on_conflict(decide)
