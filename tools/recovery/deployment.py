"""Where a deployment's tables and key are: of a stack in AWS, or of what `make run` has up."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from local.aws.aws_clients import aws_client_factory
from local.aws.resources import ClientFactory, physical_name
from local.aws.template import REGION, STACK_NAME, Template

CHECKOUT = Path(__file__).resolve().parents[2]
TABLES = ("CertificateTable", "PrivateKeyTable", "EventTable", "AccessTable", "IdempotencyTable")
"""By their logical ids."""


class CannotLookError(Exception):
    """What is asked about cannot be looked at; the message says why."""


@dataclass(frozen=True)
class Deployment:
    """One deployment, and clients for the account and region that it is in."""

    stack: str
    region: str
    client: ClientFactory
    tables: Mapping[str, str]
    """The name of each table by its logical id."""
    wrapping_key: str
    """The ARN of the KMS key."""
    in_aws: bool = True
    """Whether it is a stack, and not what `make run` has up, whose functions are no functions of Lambda's."""


def deployment() -> Deployment:
    """The stack `STACK` in the account that the environment names; without it, what `make run` has up.

    Raises:
        CannotLookError: there is no such stack, or it has not said where its tables are.
    """
    stack = os.environ.get("STACK", "")
    return (
        deployed(stack, _aws_client()) if stack else run_here(f"http://127.0.0.1:{os.environ.get('AWS_PORT') or 3001}")
    )


def deployed(stack: str, client: ClientFactory) -> Deployment:
    """The stack `stack`, by its outputs."""
    found = client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    told = {each["OutputKey"]: each["OutputValue"] for each in found[0].get("Outputs", [])}
    wanted = {name: f"{name}Name" for name in TABLES}
    if missing := [output for output in (*wanted.values(), "WrappingKeyArn") if output not in told]:
        raise CannotLookError(f"the stack {stack} has no output {', '.join(missing)}; is it one of Signet's?")
    key = told["WrappingKeyArn"]
    return Deployment(stack, key.split(":")[3], client, {name: told[output] for name, output in wanted.items()}, key)


def run_here(aws_url: str, client: ClientFactory | None = None) -> Deployment:
    """What `make run` has up, whose tables have the names that the template's get there."""
    client = client or aws_client_factory(aws_url)
    key = client("kms").describe_key(KeyId=f"alias/{STACK_NAME}-wrapping")["KeyMetadata"]["Arn"]
    return Deployment(STACK_NAME, REGION, client, {name: physical_name(name) for name in TABLES}, key, in_aws=False)


@cache
def declared_tables() -> Mapping[str, Mapping[str, Any]]:
    """What `template.yaml` says of each table, by logical id: what a table that it did not make should be like, too."""
    parameters = {"TrustedIssuers": "[]", "AdministratorGroup": "corp/administrators", "Release": "0" * 16}
    return Template.load(CHECKOUT / "template.yaml", parameters).of_type("AWS::DynamoDB::Table")


def _aws_client() -> ClientFactory:
    import boto3
    from botocore.config import Config

    config = Config(retries={"mode": "standard", "total_max_attempts": 8})

    @cache
    def client(service: str) -> Any:
        return boto3.client(service, config=config)  # type: ignore[call-overload]

    return client
