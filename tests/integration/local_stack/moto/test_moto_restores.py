"""A table restored to a moment holds what was there then, and has none of what a restore leaves behind in AWS."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.aws import moto_patches
from tests.integration.local_stack.moto.moto_tables import client

KEY = {"pk": {"S": "one"}}


def table_with_a_past(dynamodb: Any) -> datetime:
    """A table `past`; the moment at which its one item was `first`."""
    dynamodb.create_table(
        TableName="past",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        DeletionProtectionEnabled=True,
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    recovery = {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 35}
    dynamodb.update_continuous_backups(TableName="past", PointInTimeRecoverySpecification=recovery)
    dynamodb.put_item(TableName="past", Item={**KEY, "value": {"S": "first"}})
    moment = datetime.fromtimestamp(int(time.time()) + 1, UTC)
    while time.time() <= moment.timestamp():
        time.sleep(0.05)
    update = {"UpdateExpression": "SET #v = :v", "ExpressionAttributeNames": {"#v": "value"}}
    value = {"ExpressionAttributeValues": {":v": {"S": "second"}}}
    dynamodb.transact_write_items(TransactItems=[{"Update": {"TableName": "past", "Key": KEY, **update, **value}}])
    dynamodb.put_item(TableName="past", Item={"pk": {"S": "two"}})
    return moment


def restored(dynamodb: Any, moment: datetime) -> list[str]:
    dynamodb.restore_table_to_point_in_time(SourceTableName="past", TargetTableName="restored", RestoreDateTime=moment)
    items = dynamodb.scan(TableName="restored")["Items"]
    return sorted(item.get("value", item["pk"])["S"] for item in items)


@pytest.mark.usefixtures("moto")
def test_moto_restores_what_is_there_now() -> None:
    moto_patches.remove()
    dynamodb = client("dynamodb")

    assert restored(dynamodb, table_with_a_past(dynamodb)) == ["second", "two"], "Moto needs no restoring of ours"


@pytest.mark.usefixtures("moto", "patched")
def test_here_a_table_is_restored_to_the_moment_and_without_what_protects_it() -> None:
    dynamodb = client("dynamodb")
    moment = table_with_a_past(dynamodb)

    assert restored(dynamodb, moment) == ["first"]
    table = dynamodb.describe_table(TableName="restored")["Table"]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert not table["DeletionProtectionEnabled"]
    assert "StreamSpecification" not in table
    told = dynamodb.describe_continuous_backups(TableName="restored")["ContinuousBackupsDescription"]
    assert told["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "DISABLED"


@pytest.mark.usefixtures("moto", "patched")
def test_a_moment_that_a_table_does_not_remember_is_refused() -> None:
    dynamodb = client("dynamodb")
    table_with_a_past(dynamodb)

    with pytest.raises(ClientError, match="InvalidRestoreTimeException"):
        restored(dynamodb, datetime(2020, 1, 1, tzinfo=UTC))
