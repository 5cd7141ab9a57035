"""Who calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from signet.domain.access.token_claims import VerifiedToken
    from signet.domain.expiry.calendar_link import CalendarLink


class CalendarLinks(Protocol):
    """Finds secret links to calendars; strongly consistent."""

    def find(self, digest: str) -> CalendarLink | None:
        """The link whose secret has `digest`."""

    def of(self, user: str) -> CalendarLink | None:
        """The link that `user` has."""

    def get(self, link_id: str) -> CalendarLink | None:
        """The link with that id."""

    def page(self, *, after: str | None, limit: int) -> Sequence[CalendarLink]:
        """At most `limit` links, in the order in which they were made, behind the one with the id `after`."""


class TokenVerifier(Protocol):
    """Knows genuine tokens of the trusted issuers."""

    def verify(self, token: str, at: datetime) -> VerifiedToken:
        """Who `token` speaks for at the moment `at`; InvalidTokenError or IssuerUnreachableError if nobody can say."""


class IssuerWatch(Protocol):
    """Watches whether the trusted issuers can be used."""

    def look(self) -> None:
        """See whether tokens can be judged, at most once a minute; TokensUnjudgedError if not."""
