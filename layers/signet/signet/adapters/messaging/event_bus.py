"""Announcements on their way to EventBridge."""

import json
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from botocore.exceptions import BotoCoreError, ClientError

from signet.domain.events.announcement import SOURCE, Announcement
from signet.ports.announcements import NotPut

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

MAX_ENTRIES = 10
"""Amazon EventBridge API Reference, PutEvents."""
MAX_BYTES = 256 * 1024
"""Of one entry, and of all in one call."""
_BYTES_OF_TIME = 14
"""What an entry's time counts for (EventBridge User Guide, calculating event entry size)."""

TRIES = 3
"""So often an entry is put that the bus refuses for a reason that passes. The stream brings it again later."""

_PASSING = frozenset({"InternalException", "InternalFailure", "ServiceUnavailable", "ThrottlingException"})
"""Of one entry; for every other reason the bus would refuse it for ever."""
_ABOUT_THE_ENTRIES = frozenset({"InvalidArgument", "ValidationException"})
"""A whole call refused: one of its entries is to blame."""


class EventBridgeBus:
    """`AnnouncementBus`, on an event bus."""

    def __init__(self, bus: str, client: Callable[[], "EventBridgeClient"]) -> None:
        self._bus = bus
        self._client = client

    def connect(self) -> Self:
        """Itself, with its client made now and not at the first call."""
        self._client()
        return self

    def put(self, announcements: Sequence[Announcement]) -> Mapping[str, NotPut]:
        """Put `announcements`, in order; those that were not taken, by event id.

        Where the bus takes nothing for now, the rest is not tried: it would be refused as well, or overtake.
        """
        not_put: dict[str, NotPut] = {}
        entries = [(each.event_id, self._entry(each)) for each in announcements]
        batches = list(_batches(entries, not_put))
        for number, batch in enumerate(batches):
            not_put |= self._put_batch(batch)
            if any(not failure.for_good for failure in not_put.values()):
                waiting = (event_id for later in batches[number + 1 :] for event_id, _ in later)
                not_put |= dict.fromkeys(waiting, NotPut("not tried", for_good=False))
                break
        return not_put

    def _entry(self, announcement: Announcement) -> dict[str, Any]:
        return {
            "EventBusName": self._bus,
            "Source": SOURCE,
            "DetailType": announcement.type.value,
            "Time": announcement.occurred_at,
            "Detail": json.dumps(announcement.detail, ensure_ascii=False),
        }

    def _put_batch(self, batch: Sequence[tuple[str, dict[str, Any]]]) -> dict[str, NotPut]:
        for_good: dict[str, NotPut] = {}
        passing: dict[str, NotPut] = {}
        waiting = list(batch)
        for attempt in range(TRIES):
            if attempt:
                time.sleep(random.uniform(0, 0.1 * 2**attempt))  # noqa: S311 - jitter, not a secret
            try:
                answer = self._client().put_events(Entries=[entry for _, entry in waiting])  # type: ignore[misc]
            except ClientError as error:
                code = error.response.get("Error", {}).get("Code", "")
                if code in _ABOUT_THE_ENTRIES:
                    return for_good | self._one_by_one(waiting, code)
                passing = {event_id: NotPut(code, for_good=False) for event_id, _ in waiting}
                break  # botocore has tried again already
            except BotoCoreError as error:
                passing = {event_id: NotPut(type(error).__name__, for_good=False) for event_id, _ in waiting}
                break
            # A refused entry raises nothing.
            refused = [
                (each, told["ErrorCode"])
                for each, told in zip(waiting, answer["Entries"], strict=True)
                if told.get("ErrorCode")
            ]
            for (event_id, _), code in refused:
                if code not in _PASSING:
                    for_good[event_id] = NotPut(code, for_good=True)
            passing = {event_id: NotPut(code, for_good=False) for (event_id, _), code in refused if code in _PASSING}
            waiting = [each for each, code in refused if code in _PASSING]
            if not waiting:
                break
        return for_good | passing

    def _one_by_one(self, batch: Sequence[tuple[str, dict[str, Any]]], code: str) -> dict[str, NotPut]:
        """Find the entry that a whole call was refused for."""
        if len(batch) == 1:
            return {batch[0][0]: NotPut(code, for_good=True)}
        not_put: dict[str, NotPut] = {}
        for each in batch:
            not_put |= self._put_batch([each])
        return not_put


def _batches(
    entries: Sequence[tuple[str, dict[str, Any]]], not_put: dict[str, NotPut]
) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """`entries` in order, as many in one call as it takes; one that is too large for any call goes to `not_put`."""
    batch: list[tuple[str, dict[str, Any]]] = []
    bytes_in_batch = 0
    for event_id, entry in entries:
        size = _BYTES_OF_TIME + sum(len(entry[name].encode()) for name in ("Source", "DetailType", "Detail"))
        if size > MAX_BYTES:
            not_put[event_id] = NotPut(f"{size} bytes, and an entry has at most {MAX_BYTES}", for_good=True)
            continue
        if len(batch) == MAX_ENTRIES or bytes_in_batch + size > MAX_BYTES:
            yield batch
            batch, bytes_in_batch = [], 0
        batch.append((event_id, entry))
        bytes_in_batch += size
    if batch:
        yield batch
