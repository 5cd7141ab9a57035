"""Tables in Moto as it is installed, with our patches and without them."""

from typing import Any

import pytest

from local.aws import moto_patches
from tests.integration.local_stack.moto.moto_tables import client


@pytest.fixture
def patched() -> None:
    moto_patches.apply()


@pytest.fixture
def unpatched() -> None:
    moto_patches.remove()


@pytest.fixture
def dynamodb() -> Any:
    made = client("dynamodb")
    for name in ("counters", "events"):
        made.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "kind", "AttributeType": "S"},
                {"AttributeName": "at", "AttributeType": "S"},
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "by_kind",
                    "KeySchema": [
                        {"AttributeName": "kind", "KeyType": "HASH"},
                        {"AttributeName": "at", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
    return made
