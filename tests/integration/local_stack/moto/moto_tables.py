"""How the tests of this folder reach what Moto plays."""

from typing import Any

import boto3
from botocore.config import Config


def client(service: str) -> Any:
    config = Config(account_id_endpoint_mode="disabled", retries={"total_max_attempts": 1}, max_pool_connections=64)
    return boto3.client(service, config=config)  # type: ignore[call-overload]


def count_up(expected: int) -> list[dict[str, Any]]:
    """One more on the counter, if it still is as it was read, and an event of it."""
    return [
        {
            "Update": {
                "TableName": "counters",
                "Key": {"pk": {"S": "one"}},
                "UpdateExpression": "SET n = :next",
                "ConditionExpression": "n = :now",
                "ExpressionAttributeValues": {":next": {"N": str(expected + 1)}, ":now": {"N": str(expected)}},
            }
        },
        {"Put": {"TableName": "events", "Item": {"pk": {"S": f"event-{expected}"}}}},
    ]


def records(table: str) -> list[tuple[str, Any]]:
    streams = client("dynamodbstreams")
    (stream,) = streams.list_streams(TableName=table)["Streams"]
    shard = streams.describe_stream(StreamArn=stream["StreamArn"])["StreamDescription"]["Shards"][0]["ShardId"]
    iterator = streams.get_shard_iterator(
        StreamArn=stream["StreamArn"], ShardId=shard, ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    found = streams.get_records(ShardIterator=iterator)["Records"]
    return [(record["eventName"], record["dynamodb"].get("NewImage")) for record in found]
