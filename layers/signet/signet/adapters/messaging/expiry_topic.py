"""Mail to people, through an SNS topic."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from signet.domain.expiry.expiry_mail import Mail

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sns.type_defs import MessageAttributeValueTypeDef


class SnsMailing:
    """`Mailing`, on an SNS topic."""

    def __init__(self, topic: str, client: Callable[[], "SNSClient"]) -> None:
        self._topic = topic
        self._client = client

    def send(self, mail: Mail) -> None:
        """Publish `mail`; what SNS says against it is raised, for Lambda to try again."""
        self._client().publish(
            TopicArn=self._topic,
            Subject=mail.subject,
            Message=mail.text,
            MessageAttributes={name: _attribute(value) for name, value in mail.attributes.items()},
        )


def _attribute(value: str | int | tuple[str, ...]) -> "MessageAttributeValueTypeDef":
    """`value` in the types that filter policies match (Amazon SNS Developer Guide, message attributes)."""
    match value:
        case int():
            return {"DataType": "Number", "StringValue": str(value)}
        case tuple():
            return {"DataType": "String.Array", "StringValue": json.dumps(value, ensure_ascii=False)}
        case _:
            return {"DataType": "String", "StringValue": value}
