"""What keeps data from being lost: of each table as `template.yaml` has it, and of the wrapping key."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tools.recovery.deployment import TABLES, CannotLookError, Deployment, declared_tables
from tools.recovery.findings import Finding, Kind

UNWRAPPING_ROLES = ("sign-with-certificate", "sign-with-transit-key", "answer-kms-call")
"""Of the functions that sign, as the wrapping key's policy in `template.yaml` names them."""


def unprotected(deployment: Deployment) -> Iterator[Finding]:
    """What a table lacks that the template gives to it, with the command for it.

    Raises:
        CannotLookError: there is no such table.
    """
    for logical in TABLES:
        for what, command in missing_protection(deployment, logical):
            yield Finding(Kind.TABLE_UNPROTECTED, deployment.tables[logical], what, command)


def missing_protection(deployment: Deployment, logical: str) -> Iterator[tuple[str, str]]:
    """What the table lacks, and the command that sets it."""
    client, name, declared = deployment.client("dynamodb"), deployment.tables[logical], declared_tables()[logical]
    try:
        table = client.describe_table(TableName=name)["Table"]
    except client.exceptions.ResourceNotFoundException:
        raise CannotLookError(f"there is no table {name}") from None
    of_table = f"--table-name {name}"
    wanted = declared.get("PointInTimeRecoverySpecification")
    if wanted:
        described = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        recovery = described.get("PointInTimeRecoveryDescription", {})
        days = wanted["RecoveryPeriodInDays"]
        on = f"PointInTimeRecoveryEnabled=true,RecoveryPeriodInDays={days}"
        if recovery.get("PointInTimeRecoveryStatus") != "ENABLED" or recovery.get("RecoveryPeriodInDays") != days:
            yield (
                f"point-in-time recovery of {days} days is not on",
                f"aws dynamodb update-continuous-backups {of_table} --point-in-time-recovery-specification {on}",
            )
    if expiry := declared.get("TimeToLiveSpecification"):
        told = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        deleting = told.get("TimeToLiveStatus") in {"ENABLED", "ENABLING"}
        switch = f"Enabled=true,AttributeName={expiry['AttributeName']}"
        if not deleting or told.get("AttributeName") != expiry["AttributeName"]:
            yield (
                "items are not deleted once they are over",
                f"aws dynamodb update-time-to-live {of_table} --time-to-live-specification {switch}",
            )
    if stream := declared.get("StreamSpecification"):
        view = stream["StreamViewType"]
        if table.get("StreamSpecification", {}).get("StreamViewType") not in {view, "NEW_AND_OLD_IMAGES"}:
            yield (
                "it has no stream, so that nothing is announced",
                f"aws dynamodb update-table {of_table} --stream-specification StreamEnabled=true,StreamViewType={view}",
            )
    if not table.get("DeletionProtectionEnabled"):
        yield (
            "it is not protected against deletion",
            f"aws dynamodb update-table {of_table} --deletion-protection-enabled",
        )
    if table.get("SSEDescription", {}).get("Status") not in {"ENABLED", "ENABLING", "UPDATING"}:
        yield (
            "it is not encrypted with a key of the account",
            f"aws dynamodb update-table {of_table} --sse-specification Enabled=true",
        )
    indexes = {each["IndexName"] for each in table.get("GlobalSecondaryIndexes", [])}
    for index in declared.get("GlobalSecondaryIndexes", []):
        if index["IndexName"] not in indexes:
            yield (f"it has no index {index['IndexName']}", "")


def apply_protection(deployment: Deployment, logical: str) -> None:
    """Give a table all that `missing_protection` finds missing; it has to be active."""
    client, name, declared = deployment.client("dynamodb"), deployment.tables[logical], declared_tables()[logical]

    def once_active(**change: Any) -> None:
        client.update_table(TableName=name, **change)
        client.get_waiter("table_exists").wait(TableName=name)

    table = client.describe_table(TableName=name)["Table"]
    stream = declared.get("StreamSpecification")
    if stream and not table.get("StreamSpecification"):
        once_active(StreamSpecification={"StreamEnabled": True, **stream})
    if not table.get("DeletionProtectionEnabled"):
        once_active(DeletionProtectionEnabled=True)
    if recovery := declared.get("PointInTimeRecoverySpecification"):
        client.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=dict(recovery))
    if expiry := declared.get("TimeToLiveSpecification"):
        told = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        if told.get("TimeToLiveStatus") not in {"ENABLED", "ENABLING"}:
            client.update_time_to_live(TableName=name, TimeToLiveSpecification=dict(expiry))


def unfit_wrapping_key(deployment: Deployment) -> Iterator[Finding]:
    """What is wrong with the key that wraps every private key.

    Raises:
        CannotLookError: there is no such key.
    """
    kms, key = deployment.client("kms"), deployment.wrapping_key
    try:
        told = kms.describe_key(KeyId=key)["KeyMetadata"]
    except kms.exceptions.NotFoundException:
        raise CannotLookError(f"there is no KMS key {key}") from None
    if told["KeyState"] != "Enabled":
        what = f"it is {told['KeyState']}, so that nothing can be signed"
        command = f"aws kms enable-key --key-id {key}"
        if told["KeyState"] == "PendingDeletion":
            command = f"aws kms cancel-key-deletion --key-id {key} && {command}"
        yield Finding(Kind.WRAPPING_KEY_UNFIT, key, what, command)
        return
    if not told.get("MultiRegion"):
        yield Finding(Kind.WRAPPING_KEY_UNFIT, key, "it is of one region, and cannot be replicated to another")
    if not kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]:
        yield Finding(Kind.WRAPPING_KEY_UNFIT, key, "it is not rotated", f"aws kms enable-key-rotation --key-id {key}")
    policy = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    guards = [each for each in _several(policy["Statement"]) if _denies_unwrapping(each)]
    if not guards:
        yield Finding(
            Kind.WRAPPING_KEY_UNFIT, key, "its policy does not keep the rest of the account from unwrapping keys"
        )
    wanted = {f"{deployment.stack}-{deployment.region}-{role}" for role in UNWRAPPING_ROLES}
    for guard in guards:
        named = guard.get("Condition", {}).get("ArnNotEquals", {}).get("aws:PrincipalArn", [])
        roles = {arn.rpartition("/")[2] for arn in _several(named)}
        if absent := sorted(wanted - roles):
            yield Finding(Kind.WRAPPING_KEY_UNFIT, key, f"its policy keeps {', '.join(absent)} from unwrapping keys")
        if strangers := sorted(roles - wanted):
            yield Finding(Kind.WRAPPING_KEY_UNFIT, key, f"its policy lets {', '.join(strangers)} unwrap keys, too")


def stale_stream(deployment: Deployment) -> Iterator[Finding]:
    """Whether the deployment reads the stream that its events table has now: switched on again it is another."""
    name = deployment.tables["EventTable"]
    now = deployment.client("dynamodb").describe_table(TableName=name)["Table"].get("LatestStreamArn")
    if now is None:
        return  # told of already
    mappings = deployment.client("lambda").list_event_source_mappings(EventSourceArn=now)["EventSourceMappings"]
    if not any(f":function:{deployment.stack}-announce-events" in each["FunctionArn"] for each in mappings):
        label = now.rpartition("/")[2]
        yield Finding(
            Kind.TABLE_UNPROTECTED,
            name,
            "what is recorded is not announced: the deployment does not read the stream that the table has now",
            f"deploy again with ExistingEventStream={label}",
        )


def _denies_unwrapping(statement: Mapping[str, Any]) -> bool:
    return statement["Effect"] == "Deny" and "kms:Decrypt" in _several(statement["Action"])


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
