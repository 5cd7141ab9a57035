"""What the audit record tells of things that are not there, and of how often a certificate was used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from signet.domain.events.event import EventType, Outcome
from tools.recovery.expectations import text
from tools.recovery.tables import Item, Tables

_CHANGES = frozenset(
    {
        EventType.CERTIFICATE_IMPORTED,
        EventType.CERTIFICATE_UPDATED,
        EventType.CERTIFICATE_ENABLED,
        EventType.CERTIFICATE_DISABLED,
        EventType.CERTIFICATE_RENEWED,
        EventType.CERTIFICATE_EXPIRING,
        EventType.CERTIFICATE_EXPIRED,
        EventType.CERTIFICATE_USED,
    }
)
"""What the certificate itself remembers the newest of."""


class History:
    """The events of one deployment."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._deleted_groups: set[str] | None = None

    def uses_of(self, certificate: str) -> int:
        """How many events of uses there are. They are kept for good, so this is all of them."""
        return sum(page["Count"] for page in self._of(certificate, EventType.CERTIFICATE_USED, Select="COUNT"))

    def was_deleted(self, certificate: str) -> bool:
        """Whether the certificate is gone because somebody deleted it."""
        return any(page["Items"] for page in self._of(certificate, EventType.CERTIFICATE_DELETED))

    def was_cancelled(self, request: str) -> bool:
        """Whether a signing request ended without a certificate; its events name the certificate of the same id."""
        certificate = request.replace("req_", "crt_")
        return any(page["Items"] for page in self._of(certificate, EventType.SIGNING_REQUEST_CANCELLED))

    def newest_of(self, certificate: str) -> Item | None:
        """The newest event that the certificate itself should know of, or of its deletion."""
        wanted = {*_CHANGES, EventType.CERTIFICATE_DELETED}
        pages = self._tables.query(
            "EventTable", "by_certificate", ("certificate_id", certificate), ScanIndexForward=False, Limit=25
        )
        done = (
            event
            for page in pages
            for event in page["Items"]
            if text(event, "outcome") == Outcome.DONE and text(event, "type") in wanted
        )
        return next(done, None)

    def group_was_deleted(self, group: str) -> bool:
        """Whether the certificate group is gone because somebody deleted it; its certificates name it for a while.

        No index leads from a group to its events, so all events are read, once, and only where a group is missing.
        """
        if self._deleted_groups is None:
            self._deleted_groups = self._all_deleted_groups()
        return group in self._deleted_groups

    def _all_deleted_groups(self) -> set[str]:
        import json

        from signet.adapters.dynamodb.rows.event_rows import SHARDS

        return {
            json.loads(event["detail"]["S"]).get("certificate_group_id", "")
            for shard in SHARDS
            for page in self._tables.query(
                "EventTable", "by_shard", ("shard", shard), **_filtered(EventType.CERTIFICATE_GROUP_DELETED)
            )
            for event in page["Items"]
        }

    def _of(self, certificate: str, kind: EventType, **more: Any) -> Any:
        return self._tables.query(
            "EventTable", "by_certificate", ("certificate_id", certificate), **_filtered(kind), **more
        )


def _filtered(kind: EventType) -> Mapping[str, Any]:
    """Of a query, to see only what was done of that kind."""
    return {
        "FilterExpression": "#type = :type AND #outcome = :done",
        "ExpressionAttributeNames": {"#type": "type", "#outcome": "outcome"},
        "ExpressionAttributeValues": {":type": {"S": kind.value}, ":done": {"S": Outcome.DONE.value}},
    }
