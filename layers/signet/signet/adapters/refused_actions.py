"""The dead-letter queue of requested actions, with the reason in each message."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from signet.adapters.unsent_queue import new_sqs_client

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MAX_REASON_CHARACTERS = 8000
"""A message and its attributes share 256 KiB with the event."""


class SqsRefusedActions:
    """`RefusedActions`, on SQS."""

    def __init__(self, url: str, new_client: Callable[[], "SQSClient"] = new_sqs_client) -> None:
        self._url = url
        self._new_client = new_client

    def add(self, event: str, reason: str) -> None:
        """Keep `event` as it came, so that it can be sent again, with `reason` as a message attribute."""
        self._new_client().send_message(
            QueueUrl=self._url,
            MessageBody=event,
            MessageAttributes={"reason": {"DataType": "String", "StringValue": reason[:MAX_REASON_CHARACTERS]}},
        )
