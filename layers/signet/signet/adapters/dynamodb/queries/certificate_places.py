"""Where the certificates of a query lie in the indexes, and what is left out of them before it is read."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from pynamodb.expressions.condition import Condition

from signet.adapters.dynamodb.rows.certificate_rows import (
    ALL_CERTIFICATES,
    NO_OWNER,
    in_group,
    owned_by,
    valid_to_sort,
)
from signet.adapters.dynamodb.tables import CertificateRow
from signet.domain.access.access_snapshot import Scope
from signet.domain.certificates.certificate import ExpiryState
from signet.domain.certificates.certificate_query import NOBODY, CertificateQuery, CertificateSort
from signet.domain.certificates.listed_certificate import ListedCertificate
from signet.domain.moments import rfc3339

SORTS = {
    CertificateSort.ALIAS: ("by_alias", CertificateRow.alias_sort, "alias_sort"),
    CertificateSort.VALID_TO: ("by_valid_to", CertificateRow.valid_to_sort, "valid_to_sort"),
    CertificateSort.CREATED_AT: ("by_creation", CertificateRow.id, "id"),
}
"""The index of each order, its sort key, and how that is called."""

Bounds = tuple[str, str]

_FIRST = "\x00"
_LAST = "\U0010ffff"
_SECOND = timedelta(seconds=1)
_LAST_MOMENT = datetime.max.replace(tzinfo=UTC)


def position(listed: ListedCertificate, sort: CertificateSort) -> str:
    """Where it stands in a list: what its entry in the index of `sort` is sorted by."""
    if sort is CertificateSort.ALIAS:
        return listed.alias_key
    return valid_to_sort(listed.not_after, listed.id) if sort is CertificateSort.VALID_TO else listed.id


def places(query: CertificateQuery, scope: Scope) -> tuple[list[str], frozenset[str]]:
    """The narrowest listings that hold all that `scope` and `query` have in common, and ids to look at in addition."""
    if query.group is not None and (scope.everything or query.group in scope.groups):
        return [in_group(query.group)], frozenset()
    if query.owner is not None and query.owner != NOBODY and (scope.everything or query.owner == scope.user):
        return [owned_by(query.owner)], frozenset()
    if scope.everything:
        return [ALL_CERTIFICATES], frozenset()
    return [owned_by(scope.user), *(in_group(group) for group in sorted(scope.groups))], scope.certificates


def end_bounds(query: CertificateQuery, now: datetime, stages: tuple[int, ...]) -> Bounds | None:
    """Between which entries of `by_valid_to` all lie that can match; None where all of them may."""
    low, high = query.ends_between(now, stages)
    if low is None and high is None:
        return None
    # A second wider, since the index knows whole seconds; what is too much is dropped when it is matched.
    return (
        rfc3339(low - _SECOND) if low is not None else _FIRST,
        f"{rfc3339(_later(high, _SECOND))}{_LAST}" if high is not None else _LAST,
    )


def _later(moment: datetime, by: timedelta) -> datetime:
    """`moment` and `by`, or the last moment that there is."""
    return moment + min(by, _LAST_MOMENT - moment)


def easily_counted(query: CertificateQuery, ends: Bounds | None) -> CertificateQuery:
    """`query` in the order in which the fewest entries are read: a count has none."""
    if query.alias_start is not None:
        return query.sorted_by(CertificateSort.ALIAS)
    return query if ends is None else query.sorted_by(CertificateSort.VALID_TO)


def span_of(query: CertificateQuery, ends: Bounds | None, after: str | None) -> Bounds | None:
    """Between which positions all lie that can match, from `after` on, both included; None where none can."""
    if ends is not None and ends[0] > ends[1]:
        return None  # Bounds the wrong way round are a ValidationException.
    begins = query.alias_start
    aliases = None if begins is None else (begins, f"{begins}{_LAST}")
    low, high = {CertificateSort.ALIAS: aliases, CertificateSort.VALID_TO: ends}.get(query.sort) or (_FIRST, _LAST)
    if after is not None:
        low, high = (low, min(high, after)) if query.descending else (max(low, after), high)
    return (low or _FIRST, high) if low <= high else None


def filters_of(query: CertificateQuery, listing: str, ends: Bounds | None, now: datetime) -> Iterator[Condition]:
    """What drops entries of `listing` before they are sent: less than the query asks, and never more.

    A filter may not be on a key of the table or of the index that is asked (DynamoDB API Reference, Query); what is
    such a key is a bound instead. Parts of names are held against the entry here, whatever their case.
    """
    if query.status is not None:
        yield CertificateRow.status == query.status.value
    if query.usable:
        yield CertificateRow.status == "enabled"
    if query.owner is not None and listing != owned_by(query.owner):
        yield CertificateRow.owner_sort == (NO_OWNER if query.owner == NOBODY else query.owner)
    if query.group is not None and listing != in_group(query.group):
        yield CertificateRow.groups.contains(query.group)
    if query.renewal_pending:
        yield CertificateRow.renewal_state == "pending"
    if query.expiry is ExpiryState.NOT_YET_VALID:
        yield CertificateRow.valid_from_sort >= rfc3339(now)
    if query.serial_number is not None:
        yield CertificateRow.serial_number == query.serial_number
    if ends is not None and query.sort is not CertificateSort.VALID_TO:
        yield CertificateRow.valid_to_sort.between(*ends)
    if query.alias_start is not None and query.sort is not CertificateSort.ALIAS:
        yield CertificateRow.alias_sort.startswith(query.alias_start)


def all_of(conditions: Iterable[Condition]) -> Condition | None:
    """All of `conditions` together; None where there are none."""
    combined: Condition | None = None
    for condition in conditions:
        combined = condition if combined is None else combined & condition
    return combined
