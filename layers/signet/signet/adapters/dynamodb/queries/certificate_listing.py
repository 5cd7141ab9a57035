"""Pages of certificates, and how many there are: out of the indexes, or found by a key; never a scan.

An entry tells all that a filter and the question for whom it exists look at, so what a page leaves out is left out
before it is read. What it holds is read again, strongly consistent, and matched again: an index lags.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from signet.adapters.dynamodb.database import BATCH_SIZE, Database, Key
from signet.adapters.dynamodb.queries.certificate_places import (
    SORTS,
    Bounds,
    all_of,
    easily_counted,
    end_bounds,
    filters_of,
    places,
    position,
    span_of,
)
from signet.adapters.dynamodb.queries.k_way_merge import Slice, merged
from signet.adapters.dynamodb.rows.certificate_rows import (
    LOOKUP,
    SETTINGS,
    USAGE,
    X509,
    certificate_of,
    listed_of,
    serial_number_key,
    thumbprint_key,
    usage_of,
    x509_of,
)
from signet.adapters.dynamodb.tables import CertificateRow
from signet.domain.access.access_snapshot import Scope
from signet.domain.certificates.certificate import Certificate
from signet.domain.certificates.certificate_query import CertificateQuery
from signet.domain.certificates.listed_certificate import ListedCertificate
from signet.ports.listings import CertificateCount, FoundCertificate, Page

PAGE_BYTES = 2 * 1024 * 1024
"""Lambda answers no more than 6 MB, in which quotation marks are escaped once more; a page may then be short."""

FILTERED_AT_ONCE = 1000
"""How many entries a query looks at where a filter may drop most of them."""

MOST_COUNTED = 10_000

COUNTING_QUERIES = 11
"""How many megabytes are read to count, as long as one list is enough; beside them there is one batch."""

Wanted = Callable[[ListedCertificate], bool]


class CertificateListing:
    """The certificates of `Listings`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def certificates(
        self,
        query: CertificateQuery,
        scope: Scope,
        *,
        after: str | None,
        limit: int,
        now: datetime,
        stages: tuple[int, ...],
        keep: Wanted,
        weigh: Callable[[Certificate], int] | None = None,
        with_x509: bool = False,
    ) -> Page[FoundCertificate]:
        """Certificates of `scope` that match `query` and that `keep` keeps, behind the position `after`.

        `weigh` tells how many bytes the answer has for one, beside its X.509.
        """

        def wanted(listed: ListedCertificate) -> bool:
            return query.matches(listed, now, stages) and keep(listed)

        found = self._found_by_key(query, scope)
        if found is not None:
            slices = [_in_order(filter(wanted, found), query, after)]
        else:
            listings, named = places(query, scope)
            bounds = end_bounds(query, now, stages)
            slices = [self._slice(listing, query, after, limit, bounds, now, wanted) for listing in listings]
            if named:
                slices.append(_in_order(filter(wanted, self._named(named)), query, after))
        merge = merged(slices, limit, descending=query.descending, same=str)
        rows = self._database.read(
            (CertificateRow, certificate_id, part) for _, certificate_id in merge.entries for part in (SETTINGS, USAGE)
        )
        kept: list[tuple[str, FoundCertificate]] = []
        for place, certificate_id in merge.entries:
            row = rows.get(CertificateRow, certificate_id, SETTINGS)
            certificate = None if row is None else certificate_of(row)
            if certificate is None or not wanted(ListedCertificate.of(certificate)):
                continue
            if query.thumbprint is None or query.thumbprint in _thumbprints(certificate):
                usage = usage_of(rows.get(CertificateRow, certificate_id, USAGE))
                kept.append((place, FoundCertificate(certificate, usage)))
        return self._cut(kept, merge.next_position, weigh, with_x509=with_x509)

    def _cut(
        self,
        kept: list[tuple[str, FoundCertificate]],
        next_position: str | None,
        weigh: Callable[[Certificate], int] | None,
        *,
        with_x509: bool,
    ) -> Page[FoundCertificate]:
        """As many of `kept` as one answer holds; one at least."""
        items: list[FoundCertificate] = []
        weight = 0
        before = ""
        for start in range(0, len(kept), BATCH_SIZE):
            part = kept[start : start + BATCH_SIZE]
            ids = [found.certificate.id for _, found in part] if with_x509 else []
            bodies = self._database.read((CertificateRow, each, X509) for each in ids)
            for place, found in part:
                body = bodies.get(CertificateRow, found.certificate.id, X509)
                der = None if body is None else x509_of(body).certificate
                weight += (weigh(found.certificate) if weigh else 0) + len(der or b"") * 4 // 3
                if items and weight > PAGE_BYTES:
                    return Page(tuple(items), before)
                items.append(FoundCertificate(found.certificate, found.usage, der))
                before = place
        return Page(tuple(items), next_position)

    def count_certificates(
        self, query: CertificateQuery, scope: Scope, *, now: datetime, stages: tuple[int, ...], keep: Wanted
    ) -> CertificateCount:
        """How many certificates of `scope` match `query` and are kept by `keep`."""
        counted: set[str] = set()
        unsure: set[str] = set()
        is_all = True
        for listed in self._to_be_counted(query, scope, now, stages):
            if listed is None or len(counted) == MOST_COUNTED:
                is_all = False
                break
            if query.matches(listed, now, stages) and keep(listed):
                (counted if query.is_sure_of(listed) else unsure).add(listed.id)
        # What an entry is too short to tell is looked up, as far as one batch goes.
        for certificate in self._settings(sorted(unsure)[:BATCH_SIZE]):
            if len(counted) < MOST_COUNTED and query.matches(ListedCertificate.of(certificate), now, stages):
                counted.add(certificate.id)
        return CertificateCount(len(counted), is_all and len(unsure) <= BATCH_SIZE)

    def _to_be_counted(
        self, query: CertificateQuery, scope: Scope, now: datetime, stages: tuple[int, ...]
    ) -> Iterator[ListedCertificate | None]:
        """All that may match, some of it twice; None where not everything was read."""
        found = self._found_by_key(query, scope)
        if found is not None:
            yield from found
            return
        listings, named = places(query, scope)
        bounds = end_bounds(query, now, stages)
        yield from self._named(named)
        left = max(COUNTING_QUERIES, len(listings))
        for listing in listings:
            start: Mapping[str, Any] | None = None
            while True:
                if not left:
                    yield None
                    return
                items, start = self._entries(listing, easily_counted(query, bounds), None, bounds, now, start=start)
                left -= 1
                yield from map(listed_of, items)
                if start is None:
                    break

    def _found_by_key(self, query: CertificateQuery, scope: Scope) -> list[ListedCertificate] | None:
        """Those of `scope` that are found by a thumbprint or a serial number.

        None where the query has neither, or where more have the serial number than are read at once. Then it is a
        filter over the lists of `scope`: a position among those that others see must not become a cursor.
        """
        if query.thumbprint is not None:
            key = thumbprint_key(query.thumbprint)
        elif query.serial_number is not None:
            key = serial_number_key(query.serial_number)
        else:
            return None
        items, more = self._database.query_items(
            CertificateRow,
            key,
            range_condition=CertificateRow.sk.startswith(LOOKUP),
            consistent=True,
            limit=FILTERED_AT_ONCE,
        )
        if more is not None and query.thumbprint is None:
            return None
        return list(filter(scope.holds, map(listed_of, items)))

    def _slice(
        self,
        listing: str,
        query: CertificateQuery,
        after: str | None,
        limit: int,
        ends: Bounds | None,
        now: datetime,
        wanted: Wanted,
    ) -> Slice[str]:
        items, more = self._entries(listing, query, after, ends, now, page=limit)
        name = SORTS[query.sort][2]
        found = ((item[name]["S"], listed_of(item)) for item in items)
        entries = [(place, listed.id) for place, listed in found if place != after and wanted(listed)]
        return Slice(entries, more[name]["S"] if more else None)

    def _entries(
        self,
        listing: str,
        query: CertificateQuery,
        after: str | None,
        ends: Bounds | None,
        now: datetime,
        *,
        page: int | None = None,
        start: Mapping[str, Any] | None = None,
    ) -> tuple[Iterable[Mapping[str, Any]], Mapping[str, Any] | None]:
        """Entries of one list, from `after` on, and the key to go on from; all that can match are among them.

        As many as a `page` needs, or as one answer of DynamoDB holds.
        """
        index, attribute, _ = SORTS[query.sort]
        span = span_of(query, ends, after)
        if span is None:
            return [], None
        filters = list(filters_of(query, listing, ends, now))
        # One more tells whether there is a next page; another is for `after` itself, which BETWEEN includes.
        limit = None if page is None else FILTERED_AT_ONCE if filters or query.asks_for_text else page + 2
        return self._database.query_items(
            CertificateRow,
            listing,
            index=index,
            range_condition=attribute.between(*span),
            filter_condition=all_of(filters),
            newest_first=query.descending,
            limit=limit,
            start=start,
        )

    def _named(self, named: frozenset[str]) -> Iterator[ListedCertificate]:
        """The certificates of these ids and all that descend from them by renewal."""
        asked: set[str] = set()
        wanted = set(named)
        while wanted:
            found = self._database.read(key for each in wanted for key in _with_renewal(each))
            asked |= wanted
            renewals = set()
            for certificate_id in wanted:
                row = found.get(CertificateRow, certificate_id, SETTINGS)
                if row is not None:
                    yield ListedCertificate.of(certificate_of(row))
                renewal = found.get(CertificateRow, f"renewal#{certificate_id}", "renewal")
                if renewal is not None and renewal.target.startswith("crt_"):
                    renewals.add(renewal.target)
            wanted = renewals - asked

    def _settings(self, ids: Iterable[str]) -> Iterator[Certificate]:
        keys: list[Key] = [(CertificateRow, each, SETTINGS) for each in ids]
        found = self._database.read(keys)
        return (certificate_of(row) for key in keys if (row := found.get(*key)) is not None)


def _with_renewal(certificate_id: str) -> tuple[Key, Key]:
    return (CertificateRow, certificate_id, SETTINGS), (CertificateRow, f"renewal#{certificate_id}", "renewal")


def _thumbprints(certificate: Certificate) -> tuple[str, str]:
    return certificate.facts.thumbprint_sha1, certificate.facts.thumbprint_sha256


def _in_order(found: Iterable[ListedCertificate], query: CertificateQuery, after: str | None) -> Slice[str]:
    """What was found in no order, behind `after`."""
    entries = ((position(each, query.sort), each.id) for each in found)
    return Slice([one for one in entries if after is None or (one[0] < after if query.descending else one[0] > after)])
