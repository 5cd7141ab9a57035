"""Secret links to calendars, in AccessTable: by the digest of the secret, and by the user."""

from collections.abc import Iterator
from typing import Any

from signet.adapters.database import Database, Write, delete, put
from signet.adapters.tables import AccessRow
from signet.domain.calendar_link import CalendarLink
from signet.domain.moments import parse_rfc3339, rfc3339_micros
from signet.operations.ports import CalendarLinkChanged

_KIND = "calendar"


def link_key(digest: str) -> str:
    """The key of a link."""
    return f"calendar#{digest}"


def user_key(user: str) -> str:
    """The key of what tells which link a user has."""
    return f"calendar-of#{user}"


class AccessTableLinks:
    """`CalendarLinks`, on AccessTable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, digest: str) -> CalendarLink | None:
        """The link whose secret has `digest`."""
        key = (AccessRow, link_key(digest), _KIND)
        row = self._database.read([key]).get(*key)
        if row is None:
            return None
        document: dict[str, Any] = row.document
        return CalendarLink(
            digest, row.target, frozenset(document["user_groups"]), parse_rfc3339(document["created_at"])
        )

    def of(self, user: str) -> str | None:
        """The digest of the link that `user` has."""
        key = (AccessRow, user_key(user), _KIND)
        row = self._database.read([key]).get(*key)
        return row.target if row else None


def calendar_link_writes(change: CalendarLinkChanged) -> Iterator[Write]:
    """The items that `change` writes, as long as the user's link is still `before`."""
    of_user = AccessRow(user_key(change.user), _KIND)
    unchanged = AccessRow.pk.does_not_exist() if change.before is None else AccessRow.target == change.before
    if change.after is None:
        yield delete(of_user, unchanged)
    else:
        of_user.target = change.after.digest
        yield put(of_user, unchanged)
        document = {
            "user_groups": sorted(change.after.user_groups),
            "created_at": rfc3339_micros(change.after.created_at),
        }
        yield put(AccessRow(link_key(change.after.digest), _KIND, target=change.user, document=document))
    if change.before is not None and (change.after is None or change.after.digest != change.before):
        yield delete(AccessRow(link_key(change.before), _KIND))
