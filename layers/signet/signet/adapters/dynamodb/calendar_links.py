"""Secret links to calendars, in AccessTable: by the digest of the secret, by the user, and all of them by id."""

from collections.abc import Iterator, Sequence
from typing import Any

from signet.adapters.dynamodb.database import Database, Key, Write, delete, put
from signet.adapters.dynamodb.tables import AccessRow
from signet.domain.expiry.calendar_link import CalendarLink
from signet.domain.moments import parse_rfc3339, rfc3339_micros
from signet.ports.changes import CalendarLinkChanged

_KIND = "calendar"

_ALL = "calendar-links"
"""The partition with an entry for each link."""


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
        row = self._row(link_key(digest), _KIND)
        return None if row is None else _link_of(digest, row.target, row.document)

    def of(self, user: str) -> CalendarLink | None:
        """The link that `user` has."""
        row = self._row(user_key(user), _KIND)
        return None if row is None else self.find(row.target)

    def get(self, link_id: str) -> CalendarLink | None:
        """The link with that id."""
        row = self._row(_ALL, link_id)
        return None if row is None else self.find(row.document["digest"])

    def page(self, *, after: str | None, limit: int) -> Sequence[CalendarLink]:
        """At most `limit` links, in the order in which they were made, behind the one with the id `after`."""
        behind = None if after is None else AccessRow.sk > after
        rows, _ = self._database.query(AccessRow, _ALL, range_condition=behind, limit=limit, consistent=True)
        return [_link_of(row.document["digest"], row.target, row.document) for row in rows]

    def _row(self, pk: str, sk: str) -> AccessRow | None:
        key: Key = (AccessRow, pk, sk)
        row: AccessRow | None = self._database.read([key]).get(*key)
        return row


def calendar_link_writes(change: CalendarLinkChanged) -> Iterator[Write]:
    """The items that `change` writes, as long as the user's link is still `before`."""
    before, after = change.before, change.after
    of_user = AccessRow(user_key(change.user), _KIND)
    unchanged = AccessRow.pk.does_not_exist() if before is None else AccessRow.target == before.digest
    if after is None:
        yield delete(of_user, unchanged)
    else:
        of_user.target = after.digest
        yield put(of_user, unchanged)
        document = {
            "id": after.id,
            "digest": after.digest,
            "user_groups": sorted(after.user_groups),
            "created_at": rfc3339_micros(after.created_at),
        }
        yield put(AccessRow(link_key(after.digest), _KIND, target=change.user, document=document))
        yield put(AccessRow(_ALL, after.id, target=change.user, document=document))
    if before is not None:
        yield delete(AccessRow(link_key(before.digest), _KIND))
        yield delete(AccessRow(_ALL, before.id))


def _link_of(digest: str, user: str, document: dict[str, Any]) -> CalendarLink:
    # A link from before there were ids has one in their form, by which no list names it, until it is replaced.
    link_id = document.get("id") or f"cal_{digest[:24]}"
    return CalendarLink(
        link_id, digest, user, frozenset(document["user_groups"]), parse_rfc3339(document["created_at"])
    )
