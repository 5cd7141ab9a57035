"""A DynamoDB stream to a function, as an event source mapping reads it."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Table

from local.aws.moto_patches import DATABASE_LOCK
from local.aws.resources import ClientFactory
from local.aws.template import ACCOUNT, REGION, TemplateError
from local.event_sources.event_pattern import matches
from local.event_sources.invoking import LambdaService
from local.lambda_service.lambda_api import deliver

_KNOWN = {
    "BatchSize",
    "BisectBatchOnFunctionError",
    "DestinationConfig",
    "Enabled",
    "EventSourceArn",
    "FilterCriteria",
    "FunctionName",
    "FunctionResponseTypes",
    "MaximumBatchingWindowInSeconds",  # here no batch waits for more
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "ParallelizationFactor",  # order within an item is kept by one at a time, too
    "StartingPosition",
    "Tags",
}
_LONGEST_PAUSE = 10.0

Record = dict[str, Any]


class StreamSource:
    """Reads one table's stream in order and gives it to one function, batch by batch."""

    def __init__(
        self,
        mapping: Mapping[str, Any],
        functions: LambdaService,
        client: ClientFactory,
        log: Callable[[str], None],
        retry_seconds: float,
    ) -> None:
        if unknown := set(mapping) - _KNOWN:
            raise TemplateError(f"an event source mapping's {', '.join(sorted(unknown))} is not played here")
        self._stream_arn: str = mapping["EventSourceArn"]
        self._function: str = mapping["FunctionName"]
        self._functions = functions
        self._client = client
        self._log = log
        self._retry_seconds = retry_seconds
        self._batch_size = int(mapping.get("BatchSize", 100))
        self._bisects = bool(mapping.get("BisectBatchOnFunctionError", False))
        self._partial = "ReportBatchItemFailures" in mapping.get("FunctionResponseTypes", [])
        self._retries = int(mapping.get("MaximumRetryAttempts", -1))
        self._oldest = int(mapping.get("MaximumRecordAgeInSeconds", -1))
        self._on_failure = mapping.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
        self._filters = [json.loads(entry["Pattern"]) for entry in mapping.get("FilterCriteria", {}).get("Filters", [])]
        self._enabled = bool(mapping.get("Enabled", True))
        self._woken = threading.Event()
        self._idle = threading.Condition()
        with DATABASE_LOCK:
            length = len(self._records())
        self._position = length if mapping["StartingPosition"] == "LATEST" else 0

    def wake(self, table: Table) -> None:
        """There may be something new in the stream of `table`."""
        if table.name == self._table_name:
            self._woken.set()

    def run(self, ended: threading.Event) -> None:
        """Carry until `ended`."""
        while self._enabled and not ended.is_set():
            self._woken.clear()
            batch = self._next_batch()
            if not batch:
                self._woken.wait(timeout=0.5)
                continue
            wanted = [record for record in batch if self._wants(record)]
            self._carry(wanted, ended)
            with self._idle:
                self._position += len(batch)
                self._idle.notify_all()

    def wait_until_idle(self, seconds: float) -> bool:
        """Wait until everything in the stream so far is carried or given up; whether it came to that."""
        with DATABASE_LOCK:
            length = len(self._records())
        with self._idle:
            return self._idle.wait_for(lambda: self._position >= length, timeout=seconds)

    @property
    def _table_name(self) -> str:
        return self._stream_arn.split("/")[1]

    def _records(self) -> list[Any]:
        table = dynamodb_backends[ACCOUNT][REGION].get_table(self._table_name)
        return table.stream_shard.items if table.stream_shard else []

    def _next_batch(self) -> list[Record]:
        # Under the lock, a transaction that will be undone is never seen.
        with DATABASE_LOCK:
            found = self._records()[self._position : self._position + self._batch_size]
            return [self._as_lambda_sees(record.to_json()) for record in found]

    def _as_lambda_sees(self, record: Mapping[str, Any]) -> Record:
        change = dict(record["dynamodb"])
        created: datetime = change["ApproximateCreationDateTime"]
        change["ApproximateCreationDateTime"] = int(created.replace(tzinfo=UTC).timestamp())
        seen = {**record, "dynamodb": change, "eventVersion": "1.1", "eventSourceARN": self._stream_arn}
        as_json: Record = json.loads(json.dumps(seen, default=_bytes_as_text))
        return as_json

    def _wants(self, record: Record) -> bool:
        return not self._filters or any(matches(pattern, record) for pattern in self._filters)

    def _carry(self, records: list[Record], ended: threading.Event) -> None:
        """Give `records` to the function until each is taken or given up; the rest of the shard waits."""
        waiting = deque([(records, 0)] if records else [])
        while waiting and not ended.is_set():
            batch, attempt = waiting.popleft()
            batch = self._young_enough(batch)
            if not batch:
                continue
            failed_from = self._failed_from(batch)
            if failed_from is None:
                continue
            rest = batch[failed_from:]
            if failed_from or (self._bisects and len(rest) > 1):
                # What was done is done; splitting, as well, does not count as a retry.
                halves = [rest] if failed_from else [rest[: len(rest) // 2], rest[len(rest) // 2 :]]
                waiting.extendleft((half, attempt) for half in reversed(halves))
            elif 0 <= self._retries <= attempt:
                self._give_up(rest, "RetryAttemptsExhausted", attempt + 1)
            else:
                ended.wait(min(self._retry_seconds * 2**attempt, _LONGEST_PAUSE))
                waiting.appendleft((rest, attempt + 1))

    def _young_enough(self, records: list[Record]) -> list[Record]:
        if self._oldest < 0:
            return records
        limit = time.time() - self._oldest
        old = [record for record in records if record["dynamodb"]["ApproximateCreationDateTime"] < limit]
        if old:
            self._give_up(old, "EventAgeExceeded", 1)
        return records[len(old) :]

    def _failed_from(self, records: list[Record]) -> int | None:
        """The index of the first record that was not taken; None if all were."""
        try:
            answer, failed = self._functions.invoke(self._function, {"Records": records})
        except (BotoCoreError, ClientError) as error:
            self._log(f"{self._function} could not be called: {error}")
            return 0
        if failed:
            return 0
        if not self._partial or not isinstance(answer, dict) or not answer.get("batchItemFailures"):
            return None
        numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
        named = [entry.get("itemIdentifier") for entry in answer["batchItemFailures"]]
        # A name that is none of the batch's makes the whole batch a failure (Lambda Developer Guide).
        return min(numbers.index(name) for name in named) if set(named) <= set(numbers) else 0

    def _give_up(self, records: list[Record], why: str, attempts: int) -> None:
        self._log(f"{self._function} was not given {len(records)} records of {self._table_name}: {why}")
        if not self._on_failure:
            return
        first, last = records[0]["dynamodb"], records[-1]["dynamodb"]
        text = json.dumps(
            {
                "requestContext": {
                    "functionArn": f"{self._function}:$LATEST",
                    "condition": why,
                    "approximateInvokeCount": attempts,
                },
                "version": "1.0",
                "timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
                "DDBStreamBatchInfo": {
                    "shardId": "shardId-00000001541626099285-f35f62ef",
                    "startSequenceNumber": first["SequenceNumber"],
                    "endSequenceNumber": last["SequenceNumber"],
                    "approximateArrivalOfFirstRecord": _iso(first["ApproximateCreationDateTime"]),
                    "approximateArrivalOfLastRecord": _iso(last["ApproximateCreationDateTime"]),
                    "batchSize": len(records),
                    "streamArn": self._stream_arn,
                },
            }
        )
        deliver(self._client, self._on_failure, text)


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _bytes_as_text(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"{type(value)} in a stream record")
