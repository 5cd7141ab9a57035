"""Mail to people, through an SNS topic."""

from functools import cached_property
from typing import TYPE_CHECKING

from signet.adapters.impatient_clients import impatient_client
from signet.domain.expiry_mail import Mail

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


class SnsMailing:
    """`Mailing`, on an SNS topic."""

    def __init__(self, topic: str) -> None:
        self._topic = topic

    @cached_property
    def _client(self) -> "SNSClient":
        client: SNSClient = impatient_client("sns")
        return client

    def send(self, mail: Mail) -> None:
        """Publish `mail`; what SNS says against it is raised, for Lambda to try again."""
        self._client.publish(TopicArn=self._topic, Subject=mail.subject, Message=mail.text)
