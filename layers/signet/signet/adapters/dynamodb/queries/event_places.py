"""Where to look for events: in which partition of which index, and what of it is asked for.

A filter may name no key attribute of the index that is queried, and is 4,096 bytes and 300 operators at most (Amazon
DynamoDB Developer Guide, "Filter expressions for the Query operation" and "Quotas"). What all of a partition have in
common is therefore never filtered by, and what is longer than a filter can be is filtered here, of what was read.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pynamodb.expressions.condition import Condition

from signet.adapters.dynamodb.rows.event_rows import SHARDS
from signet.adapters.dynamodb.tables import EventRow
from signet.domain.events.event_query import EventQuery, EventScope

MAX_GROUPS_IN_FILTER = 50
"""Each is some 25 bytes of a filter, and two operators; a role may hold hundreds."""


@dataclass(frozen=True, slots=True)
class EventPlace:
    """A partition of an index of EventTable, and which of its events are asked for."""

    index: str
    partition: str
    filters: tuple[Condition, ...] = ()
    is_filtered_here: bool = False
    """Whether what is read has to be held against the scope."""

    @property
    def is_whole(self) -> bool:
        """Whether all events of the partition are asked for."""
        return not self.filters and not self.is_filtered_here


def event_places(query: EventQuery, scope: EventScope) -> Iterator[EventPlace]:
    """The fewest partitions that hold all events that `scope` and `query` have in common."""
    if scope.is_nothing:
        return
    if query.certificate is not None:
        # Of one certificate: who sees those of all, or of this one, sees the whole partition.
        whole = scope.everything or scope.certificates or scope.certificate == query.certificate
        by_user = () if query.user is None else (EventRow.user == query.user,)
        # The user of the query is asked for by a filter, so that the one of the scope adds nothing to it.
        whole = whole or (query.user is not None and query.user == scope.own)
        yield from _place("by_certificate", query.certificate, query, scope, by_user, whole=whole)
    elif query.user is not None or _is_of_own_only(scope):
        user = query.user or scope.own or ""
        yield from _place("by_user", user, query, scope, (), whole=scope.everything or user == scope.own)
    else:
        for shard in SHARDS:
            yield from _place("by_shard", shard, query, scope, (), whole=scope.everything)


def _is_of_own_only(scope: EventScope) -> bool:
    return scope.own is not None and not (scope.everything or scope.certificates or scope.groups or scope.certificate)


def _place(
    index: str, partition: str, query: EventQuery, scope: EventScope, filters: tuple[Condition, ...], *, whole: bool
) -> Iterator[EventPlace]:
    if query.type is not None:
        filters += (EventRow.type == query.type.value,)
    if query.outcome is not None:
        filters += (EventRow.outcome == query.outcome.value,)
    if whole:
        yield EventPlace(index, partition, filters)
    elif len(scope.groups) > MAX_GROUPS_IN_FILTER:
        yield EventPlace(index, partition, filters, is_filtered_here=True)
    elif (visible := _visible(index, scope)) is not None:
        yield EventPlace(index, partition, (*filters, visible))


def _visible(index: str, scope: EventScope) -> Condition | None:
    """What of a partition that is not seen whole is seen; None for nothing."""
    conditions: list[Condition] = []
    if scope.own is not None and index != "by_user":
        conditions.append(EventRow.user == scope.own)
    if scope.certificates and index != "by_certificate":
        conditions.append(EventRow.certificate_id.exists())
    if scope.certificate is not None and index != "by_certificate":
        conditions.append(EventRow.certificate_id == scope.certificate)
    conditions += [EventRow.groups.contains(group) for group in sorted(scope.groups)]
    visible: Condition | None = None
    for condition in conditions:
        visible = condition if visible is None else visible | condition
    return visible
