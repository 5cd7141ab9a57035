"""Lists, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from signet.domain.access.access_snapshot import Scope
    from signet.domain.access.principal import Principal
    from signet.domain.certificates.certificate import Certificate, Usage
    from signet.domain.certificates.certificate_query import CertificateQuery
    from signet.domain.certificates.listed_certificate import ListedCertificate
    from signet.domain.events.event import Event
    from signet.domain.events.event_query import EventQuery, EventScope
    from signet.domain.signing_requests.signing_request import RequestStatus, SigningRequest

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FoundCertificate:
    """A certificate of a page."""

    certificate: Certificate
    usage: Usage
    der: bytes | None = None
    """The X.509, where it was asked for."""


@dataclass(frozen=True, slots=True)
class CertificateCount:
    """How many certificates a list has."""

    total: int
    is_all: bool
    """Whether everything was counted: else there may be more."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list, and where the next begins."""

    items: tuple[T, ...]
    next_position: str | None


class Listings(Protocol):
    """Lists, a page at a time; they may lag writes by seconds."""

    def certificates(
        self,
        query: CertificateQuery,
        scope: Scope,
        *,
        after: str | None,
        limit: int,
        now: datetime,
        stages: tuple[int, ...],
        keep: Callable[[ListedCertificate], bool],
        weigh: Callable[[Certificate], int] | None = None,
        with_x509: bool = False,
    ) -> Page[FoundCertificate]:
        """Certificates of `scope` that match `query` and that `keep` keeps, behind the position `after`.

        As many of them as fit into one answer, in which one has the bytes that `weigh` tells, and its X.509 in base64
        where it is wanted.
        """

    def count_certificates(
        self,
        query: CertificateQuery,
        scope: Scope,
        *,
        now: datetime,
        stages: tuple[int, ...],
        keep: Callable[[ListedCertificate], bool],
    ) -> CertificateCount:
        """How many certificates of `scope` match `query` and are kept by `keep`, whatever page is looked at."""

    def requests(
        self, status: RequestStatus | None, scope: Scope, *, after: str | None, limit: int
    ) -> Page[SigningRequest]:
        """Signing requests of `scope`, the newest first, before the request `after`."""

    def events(self, query: EventQuery, scope: EventScope, *, after: str | None, limit: int) -> Page[Event]:
        """Events of `scope` that match `query`, the newest first, before the event `after`."""


@dataclass(frozen=True, slots=True)
class UnreadableCertificate:
    """A certificate whose stored form makes no sense: one to report, not to stop at."""

    id: str
    reason: str


class ExpiryWatch(Protocol):
    """Finds certificates whose expiry is still to be announced; it may lag writes by seconds."""

    def expiring_until(self, moment: datetime) -> Iterator[Sequence[Certificate | UnreadableCertificate]]:
        """Those that end at `moment` or before, the soonest first, page by page."""


class Cursors(Protocol):
    """Cursors for positions in lists: good only for whom they were given to, and for the same query."""

    def make(self, position: str | None, *, query: object, by: Principal) -> str | None:
        """The cursor for `position`; none where nothing follows."""

    def open(self, cursor: str | None, *, query: object, by: Principal) -> str | None:
        """The position in `cursor`, none where a list begins.

        Raises:
            BadCursorError: it was not made for this query and this caller.
        """
