"""The dead-letter queue of requested actions, with the reason in each message."""

from signet.adapters.messaging.sqs_queue import SqsQueue

MAX_REASON_CHARACTERS = 8000
"""A message and its attributes share 256 KiB with the event."""


class SqsRequestedActionDlq(SqsQueue):
    """`RequestedActionDlq`, on SQS."""

    def add(self, event: str, reason: str) -> None:
        """Keep `event` as it came, so that it can be sent again, with `reason` as a message attribute."""
        self._client().send_message(
            QueueUrl=self._url,
            MessageBody=event,
            MessageAttributes={"reason": {"DataType": "String", "StringValue": reason[:MAX_REASON_CHARACTERS]}},
        )
