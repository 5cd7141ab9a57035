"""An SQS queue to a function, as an event source mapping reads it."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.aws.resources import ClientFactory
from local.aws.template import REGION, TemplateError
from local.event_sources.event_pattern import matches
from local.event_sources.invoking import LambdaService

_KNOWN = {
    "BatchSize",
    "Enabled",
    "EventSourceArn",
    "FilterCriteria",
    "FunctionName",
    "FunctionResponseTypes",
    "MaximumBatchingWindowInSeconds",  # here no batch waits for more
    "ScalingConfig",  # one batch at a time is within any
    "Tags",
}
_POLL_SECONDS = 0.2


class QueueSource:
    """Takes messages off one queue and gives them to one function; what fails comes back by the queue's own rules."""

    def __init__(self, mapping: Mapping[str, Any], functions: LambdaService, client: ClientFactory) -> None:
        if unknown := set(mapping) - _KNOWN:
            raise TemplateError(f"an event source mapping's {', '.join(sorted(unknown))} is not played here")
        self._arn: str = mapping["EventSourceArn"]
        self._function: str = mapping["FunctionName"]
        self._functions = functions
        self._sqs = client("sqs")
        self._url: str = self._sqs.get_queue_url(QueueName=self._arn.rsplit(":", 1)[1])["QueueUrl"]
        # One call gives ten messages at most; larger batches are as good as several.
        self._batch_size = min(10, int(mapping.get("BatchSize", 10)))
        self._partial = "ReportBatchItemFailures" in mapping.get("FunctionResponseTypes", [])
        self._filters = [json.loads(entry["Pattern"]) for entry in mapping.get("FilterCriteria", {}).get("Filters", [])]
        self._enabled = bool(mapping.get("Enabled", True))

    def run(self, ended: threading.Event) -> None:
        """Carry until `ended`."""
        while self._enabled and not ended.is_set():
            try:
                if not self._carry_one_batch():
                    ended.wait(_POLL_SECONDS)
            except (BotoCoreError, ClientError):
                # The stack is going down, or the queue is deleted; a message that was received shows up again.
                ended.wait(_POLL_SECONDS * 5)

    def _carry_one_batch(self) -> bool:
        received = self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=self._batch_size,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        ).get("Messages", [])
        records = [self._as_lambda_sees(message) for message in received]
        wanted = [record for record in records if self._wants(record)]
        kept: set[str] = set()
        if wanted:
            answer, failed = self._functions.invoke(self._function, {"Records": wanted})
            if failed:
                kept = {record["messageId"] for record in wanted}
            elif self._partial and isinstance(answer, dict):
                kept = {entry.get("itemIdentifier") for entry in answer.get("batchItemFailures") or []}
                if not kept <= {record["messageId"] for record in wanted}:
                    kept = {record["messageId"] for record in wanted}
        for record in records:
            if record["messageId"] not in kept:
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=record["receiptHandle"])
        return bool(received)

    def _as_lambda_sees(self, message: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message.get("Attributes", {}),
            "messageAttributes": {
                name: {
                    "stringValue": value.get("StringValue"),
                    "stringListValues": [],
                    "binaryListValues": [],
                    "dataType": value["DataType"],
                }
                for name, value in message.get("MessageAttributes", {}).items()
            },
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": self._arn,
            "awsRegion": REGION,
        }

    def _wants(self, record: dict[str, Any]) -> bool:
        return not self._filters or any(matches(pattern, _with_parsed_body(record)) for pattern in self._filters)


def _with_parsed_body(record: dict[str, Any]) -> dict[str, Any]:
    try:
        return {**record, "body": json.loads(record["body"])}
    except ValueError:
        return record
