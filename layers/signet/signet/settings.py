"""The only reader of the environment: what the deployment decided, as a type.

Read on first use and never at import, so that a module can be imported anywhere. Every function has the same
environment (the template's Globals).
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Self


@dataclass(frozen=True, slots=True)
class Settings:
    """What `template.yaml` says of this deployment."""

    certificate_table: str
    private_key_table: str
    event_table: str
    access_table: str
    idempotency_table: str
    wrapping_key_id: str
    """The KMS key that wraps private keys: its ARN."""
    event_bus: str
    administrator_group: str
    """The user group whose members are Administrators, `corp/signet-administrators`."""
    trusted_issuers: str
    """JSON; `domain/access/trusted_issuer.py` has its shape. Only their aliases where the list is in a parameter."""
    trusted_issuers_parameter: str
    """The parameter of the Parameter Store that has the list; empty where the environment has it."""
    expiry_stages: tuple[int, ...]
    """Days before `valid_to`, widest first."""
    future_expiry_checks: bool
    """Whether a check may be run, and written, as of a day that has not come."""
    key_cache: timedelta
    """How long an unwrapped key may stay in the memory of a warm function; zero turns it off."""
    expiry_topic: str
    """The SNS topic that tells people of expiry: its ARN."""
    announcement_dlq: str
    """The SQS queue of what could not be announced: its URL."""
    requested_action_dlq: str
    """The SQS queue of requested actions that failed: its URL."""
    compromised_keys: Path
    """Where a layer of the deployment may have put its list of compromised keys."""
    deployment: str
    """The name of the stack. Like `address` only the function that writes mails is told it: the address holds the API's
    id, which no function behind the API can be told, since the API refers to those."""
    address: str
    """Where people reach this deployment, `https://signet.example.com`."""

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Self:
        """Read `environment`; a missing or malformed variable is a KeyError or ValueError that names it."""
        return cls(
            certificate_table=environment["CERTIFICATE_TABLE"],
            private_key_table=environment["PRIVATE_KEY_TABLE"],
            event_table=environment["EVENT_TABLE"],
            access_table=environment["ACCESS_TABLE"],
            idempotency_table=environment["IDEMPOTENCY_TABLE"],
            wrapping_key_id=environment["WRAPPING_KEY_ID"],
            event_bus=environment["EVENT_BUS"],
            administrator_group=environment["ADMINISTRATOR_GROUP"],
            trusted_issuers=environment["TRUSTED_ISSUERS"],
            trusted_issuers_parameter=environment.get("TRUSTED_ISSUERS_PARAMETER", ""),
            expiry_stages=_stages(environment["EXPIRY_STAGES_DAYS"]),
            future_expiry_checks=environment["FUTURE_EXPIRY_CHECKS"] == "allowed",
            key_cache=timedelta(seconds=_bounded("KEY_CACHE_SECONDS", environment["KEY_CACHE_SECONDS"], 0, 300)),
            expiry_topic=environment["EXPIRY_TOPIC"],
            announcement_dlq=environment["ANNOUNCEMENT_DLQ"],
            requested_action_dlq=environment["REQUESTED_ACTION_DLQ"],
            compromised_keys=Path(environment.get("COMPROMISED_KEYS", "/opt/compromised_keys.bin")),
            deployment=environment.get("DEPLOYMENT", ""),
            address=environment.get("ADDRESS", "").rstrip("/"),
        )


def _bounded(name: str, text: str, least: int, most: int) -> int:
    number = int(text)
    if not least <= number <= most:
        raise ValueError(f"{name} is {least} to {most}, got {number}")
    return number


def _stages(text: str) -> tuple[int, ...]:
    """Parse `90,30,7,1`: whole days of 1 to 3650, each once."""
    days = [_bounded("EXPIRY_STAGES_DAYS", part, 1, 3650) for part in text.split(",")]
    if len(set(days)) != len(days):
        raise ValueError("EXPIRY_STAGES_DAYS names a stage twice")
    return tuple(sorted(days, reverse=True))


def started_by_lambda() -> bool:
    """Whether this process is an execution environment of AWS Lambda, which says so by a variable that it reserves.

    Lambda Developer Guide, Working with Lambda environment variables, "Defined runtime environment variables".
    """
    return "AWS_LAMBDA_INITIALIZATION_TYPE" in os.environ


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings.of(os.environ)
