"""A queue of SQS, as the queues of this package stand on it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class SqsQueue:
    """A queue by its URL; `client` is asked for when it is first needed."""

    def __init__(self, url: str, client: Callable[[], "SQSClient"]) -> None:
        self._url = url
        self._client = client
