"""boto3 clients of the AWS that is played here."""

from __future__ import annotations

from functools import cache
from typing import Any

from local.aws.resources import ClientFactory
from local.aws.template import REGION


def aws_client_factory(aws_url: str) -> ClientFactory:
    """Gives boto3 clients of Moto at `aws_url`, whatever this machine's own AWS settings are."""
    import boto3
    from botocore.config import Config

    session = boto3.Session(
        aws_access_key_id="local",
        aws_secret_access_key="local",  # noqa: S106  Moto takes any
        region_name=REGION,
    )
    config = Config(account_id_endpoint_mode="disabled", retries={"total_max_attempts": 1})

    @cache
    def client(service: str) -> Any:
        return session.client(service, endpoint_url=aws_url, config=config)  # type: ignore[call-overload]

    return client
