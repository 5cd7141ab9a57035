"""A queue of SQS, as the queues of this package stand on it."""

from functools import cached_property
from typing import TYPE_CHECKING

from signet.adapters.messaging.aws_clients import messaging_client

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class SqsQueue:
    """A queue by its URL; the client is made when it is first needed."""

    def __init__(self, url: str) -> None:
        self._url = url

    @cached_property
    def _client(self) -> "SQSClient":
        client: SQSClient = messaging_client("sqs")
        return client
