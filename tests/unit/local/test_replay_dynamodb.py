"""What is replayed on another engine is what was sent, in its words; what that engine alone refuses is told."""

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from tools.replay_dynamodb import CHECKOUT, TESTS, dynalite, replay, requests_of

TABLE = {
    "TableName": "events",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
    "StreamSpecification": {"StreamEnabled": True},
}
QUERY = {
    "TableName": "events",
    "KeyConditionExpression": "pk = :pk",
    "ExpressionAttributeValues": {":pk": {"S": "a"}},
}


def test_each_part_of_a_transaction_is_sent_alone() -> None:
    put, key = {"TableName": "events", "Item": {"pk": {"S": "a"}}}, {"TableName": "events", "Key": {"pk": {"S": "b"}}}

    sent = list(
        requests_of("TransactWriteItems", {"TransactItems": [{"Put": put}, {"Delete": key}, {"ConditionCheck": key}]})
    )

    assert sent == [
        ("PutItem", put),
        ("DeleteItem", key),
        ("UpdateItem", {**key, "UpdateExpression": "REMOVE replayed"}),
    ]


def test_the_tests_that_are_recorded_are_there() -> None:
    assert [name for name in TESTS if not (CHECKOUT / name).is_file()] == []


def test_what_another_engine_does_not_know_is_not_sent() -> None:
    assert list(requests_of("UpdateTimeToLive", {})) == []


@pytest.fixture
def engine() -> Iterator[HTTPConnection]:
    with dynalite() as connection:
        yield connection


def recorded(folder: Path, *requests: tuple[str, Any, str | None]) -> Path:
    lines = [json.dumps({"operation": name, "request": asked, "error": error}) for name, asked, error in requests]
    (folder / "1.jsonl").write_text("\n".join(lines))
    return folder


@pytest.mark.soak
def test_what_it_alone_refuses_is_told(tmp_path: Path, engine: HTTPConnection) -> None:
    about_the_key = {**QUERY, "FilterExpression": "pk = :pk"}
    asked = recorded(
        tmp_path,
        ("CreateTable", TABLE, None),
        ("Query", QUERY, None),
        ("Query", about_the_key, None),
        ("Query", about_the_key, "ValidationException"),
    )

    told = replay(asked, engine)

    ((operation, message),) = told
    assert operation == "Query"
    assert message.startswith("Filter Expression can only contain non-primary key attributes")
    assert told.total() == 1
