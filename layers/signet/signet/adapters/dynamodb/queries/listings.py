"""Pages of certificates and of events, out of the indexes: never a scan, and nothing that the caller may not see."""

import json

from signet.adapters.dynamodb.queries.certificate_listing import FILTERED_AT_ONCE, PAGE_BYTES, CertificateListing
from signet.adapters.dynamodb.queries.certificate_places import all_of
from signet.adapters.dynamodb.queries.event_places import event_places
from signet.adapters.dynamodb.queries.k_way_merge import Merged, Slice, merged
from signet.adapters.dynamodb.rows.event_rows import event_of
from signet.adapters.dynamodb.rows.request_rows import ALL_REQUESTS, REQUEST, request_of, requests_in_group
from signet.adapters.dynamodb.tables import CertificateRow, EventRow
from signet.domain.access.access_snapshot import Scope
from signet.domain.events.event import Event
from signet.domain.events.event_query import EventQuery, EventScope
from signet.domain.identifiers import earliest
from signet.domain.signing_requests.signing_request import RequestStatus, SigningRequest
from signet.ports.listings import Page

_LAST = "\U0010ffff"


class IndexListings(CertificateListing):
    """`Listings`, on the indexes of CertificateTable and EventTable."""

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
                filter_condition=all_of(filters),
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
                filter_condition=all_of(place.filters),
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
