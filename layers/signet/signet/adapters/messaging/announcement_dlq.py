"""What could not be announced, in an SQS queue.

A message is one event, `{"event_id", "reason"}`, written by the announcer; or Lambda's own note that the stream gave up
on a batch, which names no events but says when they came.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from signet.adapters.messaging.sqs_queue import SqsQueue
from signet.domain.moments import parse_rfc3339
from signet.observability import logger
from signet.ports.announcements import SetAside

MAX_MESSAGES = 10
"""Amazon SQS API Reference, SendMessageBatch and ReceiveMessage."""
HIDDEN_SECONDS = 900
"""How long a message that is being worked on is shown to nobody: as long as a function may run."""
AROUND = timedelta(minutes=1)
"""An event is made before it is committed, and arrives in the stream after that."""


class SqsAnnouncementDlq(SqsQueue):
    """`AnnouncementDlq`, on SQS."""

    def add(self, reasons: Mapping[str, str]) -> set[str]:
        """Set aside events by id, each with the reason; the ids of those for which that failed."""
        failed: set[str] = set()
        ids = list(reasons)
        for start in range(0, len(ids), MAX_MESSAGES):
            batch = ids[start : start + MAX_MESSAGES]
            bodies = [json.dumps({"event_id": each, "reason": reasons[each][:1000]}) for each in batch]
            entries: Any = [{"Id": str(place), "MessageBody": body} for place, body in enumerate(bodies)]
            try:
                answer = self._client().send_message_batch(QueueUrl=self._url, Entries=entries)
            except (BotoCoreError, ClientError) as error:
                logger.error("events not set aside", reason=type(error).__name__)
                failed |= set(batch)
            else:
                failed |= {batch[int(each["Id"])] for each in answer.get("Failed", [])}
        return failed

    def batches(self) -> Iterator[Sequence[SetAside]]:
        """Everything in it, each once."""
        while True:
            messages = (
                self._client()
                .receive_message(QueueUrl=self._url, MaxNumberOfMessages=MAX_MESSAGES, VisibilityTimeout=HIDDEN_SECONDS)
                .get("Messages", [])
            )
            if not messages:
                return
            yield [_read(message["ReceiptHandle"], message["Body"]) for message in messages]

    def remove(self, done: Sequence[SetAside]) -> None:
        """These were announced."""
        for each in done:
            self._client().delete_message(QueueUrl=self._url, ReceiptHandle=each.handle)


def _read(handle: str, body: str) -> SetAside:
    try:
        told = json.loads(body)
        if (batch := told.get("DDBStreamBatchInfo")) is None:
            return SetAside(handle, event_id=str(told["event_id"]))
        return SetAside(
            handle,
            since=parse_rfc3339(batch["approximateArrivalOfFirstRecord"]) - AROUND,
            until=parse_rfc3339(batch["approximateArrivalOfLastRecord"]) + AROUND,
        )
    except (ValueError, KeyError, AttributeError):
        # Nobody of ours wrote it; it stays where it is, for somebody to look at.
        return SetAside(handle)
