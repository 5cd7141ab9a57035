"""Pages of certificates and of events, out of the indexes: never a scan, and nothing that the caller may not see."""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta

from pynamodb.expressions.condition import Condition

from signet.adapters.dynamodb.database import Database, Key
from signet.adapters.dynamodb.queries.event_places import event_places
from signet.adapters.dynamodb.queries.k_way_merge import Merged, Slice, merged
from signet.adapters.dynamodb.rows.certificate_rows import (
    ALL_CERTIFICATES,
    NO_OWNER,
    SETTINGS,
    USAGE,
    certificate_of,
    in_group,
    owned_by,
    sorts_of,
    usage_of,
)
from signet.adapters.dynamodb.rows.event_rows import event_of
from signet.adapters.dynamodb.rows.request_rows import ALL_REQUESTS, REQUEST, request_of, requests_in_group
from signet.adapters.dynamodb.tables import CertificateRow, EventRow
from signet.domain.access.access_snapshot import Scope
from signet.domain.certificates.certificate import Certificate, ExpiryState, Usage
from signet.domain.certificates.certificate_query import NOBODY, CertificateQuery, CertificateSort
from signet.domain.events.event import Event
from signet.domain.events.event_query import EventQuery, EventScope
from signet.domain.identifiers import earliest
from signet.domain.moments import rfc3339
from signet.domain.signing_requests.signing_request import RequestStatus, SigningRequest
from signet.ports.listings import Page

PAGE_BYTES = 2 * 1024 * 1024
"""Lambda answers no more than 6 MB, in which quotation marks are escaped once more; a page may then be short."""

FILTERED_AT_ONCE = 1000
"""How many entries a query looks at where a filter may drop most of them."""

_FIRST = "\x00"
_LAST = "\U0010ffff"
_SECOND = timedelta(seconds=1)
_LAST_MOMENT = datetime.max.replace(tzinfo=UTC)

_SORTS = {
    CertificateSort.ALIAS: ("by_alias", CertificateRow.alias_sort, "alias_sort"),
    CertificateSort.VALID_TO: ("by_valid_to", CertificateRow.valid_to_sort, "valid_to_sort"),
    CertificateSort.CREATED_AT: ("by_creation", CertificateRow.id, "id"),
}

Keep = Callable[[Certificate], bool]


class Listings:
    """Lists, a page at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- certificates ----------------------------------------------------------------------------------------------

    def certificates(
        self,
        query: CertificateQuery,
        scope: Scope,
        *,
        after: str | None,
        limit: int,
        now: datetime,
        stages: tuple[int, ...],
        keep: Keep,
        weigh: Callable[[Certificate], int] | None = None,
    ) -> Page[tuple[Certificate, Usage]]:
        """Certificates of `scope` that match `query` and that `keep` keeps, behind the position `after`.

        What was found in an index is read again, strongly consistent, and matched again: an index lags. `weigh` tells
        how many bytes the answer has for one.
        """
        listings, named = _places(query, scope)
        slices = [self._slice(listing, query, after, limit, now, stages) for listing in listings]
        if named:
            slices.append(self._slice_of_named(named, query, after))
        page = merged(slices, limit, descending=query.descending, same=str)
        found = self._database.read(
            key
            for _, certificate_id in page.entries
            for key in ((CertificateRow, certificate_id, SETTINGS), (CertificateRow, certificate_id, USAGE))
        )
        items: list[tuple[Certificate, Usage]] = []
        weight = 0
        for place, (_, certificate_id) in enumerate(page.entries):
            row = found.get(CertificateRow, certificate_id, SETTINGS)
            if row is None:
                continue
            certificate = certificate_of(row)
            if query.matches(certificate, now, stages) and keep(certificate):
                weight += weigh(certificate) if weigh else 0
                if items and weight > PAGE_BYTES:
                    return Page(tuple(items), page.entries[place - 1][0])
                items.append((certificate, usage_of(found.get(CertificateRow, certificate_id, USAGE))))
        return Page(tuple(items), page.next_position)

    def _slice(
        self,
        listing: str,
        query: CertificateQuery,
        after: str | None,
        limit: int,
        now: datetime,
        stages: tuple[int, ...],
    ) -> Slice[str]:
        index, attribute, name = _SORTS[query.sort]
        ends = _end_bounds(query, now, stages)
        start = query.alias_start
        aliases = None if start is None else (start, f"{start}{_LAST}")
        bounds = {CertificateSort.ALIAS: aliases, CertificateSort.VALID_TO: ends}.get(query.sort)
        if ends is not None and ends[0] > ends[1]:
            return Slice(())  # A filter between bounds the wrong way round is a ValidationException.
        low, high = bounds or (_FIRST, _LAST)
        if after is not None:
            low, high = (low, min(high, after)) if query.descending else (max(low, after), high)
        if low > high:
            return Slice(())
        filters = list(_filters(query, now))
        if ends is not None and query.sort is not CertificateSort.VALID_TO:
            filters.append(CertificateRow.valid_to_sort.between(*ends))
        if start is not None and query.sort is not CertificateSort.ALIAS:
            filters.append(CertificateRow.alias_sort.startswith(start))
        rows, more = self._database.query(
            CertificateRow,
            listing,
            index=index,
            range_condition=attribute.between(low or _FIRST, high),
            filter_condition=_all_of(filters),
            newest_first=query.descending,
            # One more tells whether there is a next page; another is for `after` itself, which BETWEEN includes.
            limit=FILTERED_AT_ONCE if filters else limit + 2,
        )
        entries = [(getattr(row, name), row.pk) for row in rows if getattr(row, name) != after]
        return Slice(entries, more[name]["S"] if more else None)

    def _slice_of_named(self, named: frozenset[str], query: CertificateQuery, after: str | None) -> Slice[str]:
        """The certificates of these ids and all that descend from them by renewal."""
        name = _SORTS[query.sort][2]
        entries = []
        asked: set[str] = set()
        wanted = set(named)
        while wanted:
            found = self._database.read(key for each in wanted for key in _with_renewal(each))
            asked |= wanted
            renewals = set()
            for certificate_id in wanted:
                row = found.get(CertificateRow, certificate_id, SETTINGS)
                if row is not None:
                    entries.append((sorts_of(certificate_of(row))[name], certificate_id))
                renewal = found.get(CertificateRow, f"renewal#{certificate_id}", "renewal")
                if renewal is not None and renewal.target.startswith("crt_"):
                    renewals.add(renewal.target)
            wanted = renewals - asked
        if after is not None:
            entries = [one for one in entries if (one[0] < after if query.descending else one[0] > after)]
        return Slice(entries)

    # --- signing requests ------------------------------------------------------------------------------------------

    def requests(
        self, status: RequestStatus | None, scope: Scope, *, after: str | None, limit: int
    ) -> Page[SigningRequest]:
        """Signing requests of `scope`, the newest first, before the request `after`."""
        listings = [ALL_REQUESTS] if scope.everything else [requests_in_group(group) for group in sorted(scope.groups)]
        # An entry in the listing of a group does not tell the status; what is read then is filtered below.
        filters = [] if status is None or not scope.everything else [CertificateRow.status == status.value]
        slices = []
        for listing in listings:
            rows, more = self._database.query(
                CertificateRow,
                listing,
                index="by_creation",
                range_condition=CertificateRow.id.between("req_", after or f"req_{_LAST}"),
                filter_condition=_all_of(filters),
                newest_first=True,
                limit=FILTERED_AT_ONCE if filters else limit + 2,
            )
            slices.append(
                Slice([(row.pk, row.pk) for row in rows if row.pk != after], more["id"]["S"] if more else None)
            )
        page = merged(slices, limit, descending=True, same=str)
        found = self._database.read((CertificateRow, request_id, REQUEST) for _, request_id in page.entries)
        requests: list[SigningRequest] = []
        weight = 0
        for place, (_, request_id) in enumerate(page.entries):
            row = found.get(CertificateRow, request_id, REQUEST)
            if row is None or (status is not None and row.status != status.value):
                continue
            weight += len(json.dumps(row.request))
            if requests and weight > PAGE_BYTES:
                return Page(tuple(requests), page.entries[place - 1][0])
            requests.append(request_of(row))
        return Page(tuple(requests), page.next_position)

    # --- events ----------------------------------------------------------------------------------------------------

    def events(self, query: EventQuery, scope: EventScope, *, after: str | None, limit: int) -> Page[Event]:
        """Events of `scope` that match `query`, the newest first, before the event `after`."""
        low = earliest("evt", query.since) if query.since else "evt_"
        high = earliest("evt", query.behind) if query.behind else f"evt_{_LAST}"
        if after is not None:
            high = min(high, after)
        if low > high:
            return Page((), None)
        slices: list[Slice[EventRow]] = []
        for place in event_places(query, scope):
            rows, more = self._database.query(
                EventRow,
                place.partition,
                index=place.index,
                range_condition=EventRow.pk.between(low, high),
                filter_condition=_all_of(place.filters),
                newest_first=True,
                limit=limit + 2 if place.is_whole else FILTERED_AT_ONCE,
            )
            if place.is_filtered_here:
                rows = [row for row in rows if scope.holds(event_of(row))]
            slices.append(Slice([(row.pk, row) for row in rows if row.pk != after], more["pk"]["S"] if more else None))
        page: Merged[EventRow] = merged(slices, limit, descending=True, same=lambda row: row.pk)
        events: list[Event] = []
        weight = 0
        for number, (_, row) in enumerate(page.entries):
            event = event_of(row)
            if not scope.holds(event):
                continue
            weight += len(json.dumps(event.detail))
            if events and weight > PAGE_BYTES:
                return Page(tuple(events), page.entries[number - 1][0])
            events.append(event)
        return Page(tuple(events), page.next_position)


def _with_renewal(certificate_id: str) -> tuple[Key, Key]:
    return (CertificateRow, certificate_id, SETTINGS), (CertificateRow, f"renewal#{certificate_id}", "renewal")


def _places(query: CertificateQuery, scope: Scope) -> tuple[list[str], frozenset[str]]:
    """The narrowest listings that hold all that `scope` and `query` have in common, and ids to look at in addition."""
    if query.group is not None and (scope.everything or query.group in scope.groups):
        return [in_group(query.group)], frozenset()
    if query.owner is not None and query.owner != NOBODY and (scope.everything or query.owner == scope.user):
        return [owned_by(query.owner)], frozenset()
    if scope.everything:
        return [ALL_CERTIFICATES], frozenset()
    return [owned_by(scope.user), *(in_group(group) for group in sorted(scope.groups))], scope.certificates


def _end_bounds(query: CertificateQuery, now: datetime, stages: tuple[int, ...]) -> tuple[str, str] | None:
    low, high = query.ends_between(now, stages)
    if low is None and high is None:
        return None
    # A second wider, since the index knows whole seconds; what is too much is dropped when it is matched again.
    return (
        rfc3339(low - _SECOND) if low is not None else _FIRST,
        f"{rfc3339(_later(high, _SECOND))}{_LAST}" if high is not None else _LAST,
    )


def _later(moment: datetime, by: timedelta) -> datetime:
    """`moment` and `by`, or the last moment that there is."""
    return moment + min(by, _LAST_MOMENT - moment)


def _filters(query: CertificateQuery, now: datetime) -> Iterator[Condition]:
    if query.status is not None:
        yield CertificateRow.status == query.status.value
    if query.usable:
        yield CertificateRow.status == "enabled"
    if query.owner is not None:
        yield CertificateRow.owner_sort == (NO_OWNER if query.owner == NOBODY else query.owner)
    if query.renewal_pending:
        yield CertificateRow.renewal_state == "pending"
    if query.expiry is ExpiryState.NOT_YET_VALID:
        yield CertificateRow.valid_from_sort >= rfc3339(now)


def _all_of(conditions: Iterable[Condition]) -> Condition | None:
    combined: Condition | None = None
    for condition in conditions:
        combined = condition if combined is None else combined & condition
    return combined
