"""Mail to people, through an SNS topic."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.config import Config
from botocore.session import Session

from signet.domain.expiry_mail import Mail

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

CLIENT_CONFIG = Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 3})


def new_sns_client() -> "SNSClient":
    """An SNS client that gives up soon."""
    return Session().create_client("sns", config=CLIENT_CONFIG)  # type: ignore[return-value]


class SnsMailing:
    """`Mailing`, on an SNS topic."""

    def __init__(self, topic: str, new_client: Callable[[], "SNSClient"] = new_sns_client) -> None:
        self._topic = topic
        self._new_client = new_client

    def send(self, mail: Mail) -> None:
        """Publish `mail`; what SNS says against it is raised, for Lambda to try again."""
        self._new_client().publish(TopicArn=self._topic, Subject=mail.subject, Message=mail.text)
