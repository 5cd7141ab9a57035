"""The dead-letter queue of requested actions, with the reason in each message."""

from functools import cached_property
from typing import TYPE_CHECKING

from signet.adapters.messaging.aws_clients import messaging_client

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MAX_REASON_CHARACTERS = 8000
"""A message and its attributes share 256 KiB with the event."""


class SqsRequestedActionDlq:
    """`RequestedActionDlq`, on SQS."""

    def __init__(self, url: str) -> None:
        self._url = url

    @cached_property
    def _client(self) -> "SQSClient":
        client: SQSClient = messaging_client("sqs")
        return client

    def add(self, event: str, reason: str) -> None:
        """Keep `event` as it came, so that it can be sent again, with `reason` as a message attribute."""
        self._client.send_message(
            QueueUrl=self._url,
            MessageBody=event,
            MessageAttributes={"reason": {"DataType": "String", "StringValue": reason[:MAX_REASON_CHARACTERS]}},
        )
