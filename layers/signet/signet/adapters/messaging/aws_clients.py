"""AWS clients that give up soon, so that the function that waits for them has time left to say so."""

from typing import Any

from botocore.config import Config
from botocore.session import Session

# These services answer within milliseconds; three tries of at most 4 s stay within the timeout of every function here.
CONFIG = Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 3})


def messaging_client(service: str) -> Any:
    """The client of `service`, of botocore itself: importing boto3 would cost a cold start 25 ms."""
    return Session().create_client(service, config=CONFIG)
