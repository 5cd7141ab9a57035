"""Policies, certificate groups and roles, in the memory of one process."""

import time
from collections.abc import Mapping

from signet.adapters.dynamodb.database import Database
from signet.adapters.dynamodb.rows.access_rows import ACCESS, access_of, revision_of, shows_change
from signet.adapters.dynamodb.tables import AccessRow
from signet.domain.access.access_snapshot import Access
from signet.domain.errors import UnavailableError

CHANGE_ATTEMPTS = 10
CHANGE_PAUSE_SECONDS = 0.02
"""A transaction appears within milliseconds; each attempt to see all of it waits as much longer than the one before."""


class RememberedAccess:
    """Who may do what, loaded again only where it has changed."""

    def __init__(self, database: Database, *, administrator_group: str, issuers: frozenset[str]) -> None:
        self._database = database
        self._administrator_group = administrator_group
        self._issuers = issuers
        self._access: Access | None = None

    def as_of(self, copy: str, moved: AccessRow | None) -> Access:
        """Policies, groups and roles, loaded again only where the revision has moved; `moved` is a copy of it.

        The items of one transaction appear one after the other to whoever reads meanwhile (DynamoDB Developer Guide,
        isolation levels of transactions). So what is loaded is kept under a revision only if it shows the change that
        made the revision: otherwise a deleted policy would be obeyed until the next one changes.

        Raises:
            UnavailableError: the change does not appear.
        """
        access = self._access
        attempt = 0
        while access is None or access.revision != revision_of(moved):
            rows = [row for page in self._database.pages(AccessRow, ACCESS, consistent=True) for row in page]
            if shows_change(rows, moved):
                access = self._access = access_of(rows, revision_of(moved), self._administrator_group, self._issuers)
            elif attempt == CHANGE_ATTEMPTS:
                raise UnavailableError("The database does not show a change that it told of.")
            else:
                attempt += 1
                time.sleep(CHANGE_PAUSE_SECONDS * attempt)
                moved = self._database.read([(AccessRow, copy, "revision")]).get(AccessRow, copy, "revision")
        return access

    def group_limits(self) -> Mapping[str, int | None]:
        """How many certificates each certificate group may hold, as last read."""
        groups = self._access.groups if self._access else {}
        return {name: group.settings.certificate_limit for name, group in groups.items()}
