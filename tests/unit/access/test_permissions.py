"""The local stack refuses what IAM would refuse."""

from typing import Any

import pytest

from local.aws.iam_statements import Need, allowed, needs_of

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/events"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1"


def statement(action: str, resource: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def needs(service: str, operation: str, **request: Any) -> list[tuple[str, str]]:
    return [(need.action, need.resource) for need in needs_of(service, operation, request)]


def test_a_call_is_allowed_by_a_statement_for_its_action_and_resource() -> None:
    need = Need("dynamodb:PutItem", TABLE, {})

    assert allowed(need, [statement("dynamodb:PutItem", TABLE)])


@pytest.mark.parametrize(
    "other", [statement("dynamodb:GetItem", TABLE), statement("dynamodb:PutItem", f"{TABLE}2"), None], ids=str
)
def test_a_call_that_no_statement_covers_is_refused(other: dict[str, Any] | None) -> None:
    assert not allowed(Need("dynamodb:PutItem", TABLE, {}), [other] if other else [])


def test_a_denial_beats_what_another_statement_allows() -> None:
    allow = statement("kms:Decrypt", KEY)

    assert not allowed(Need("kms:Decrypt", KEY, {}), [allow, {**allow, "Effect": "Deny"}])


@pytest.mark.parametrize(("purpose", "expected"), [("signing", True), ("other", False), (None, False)])
def test_a_key_is_used_only_in_the_encryption_context_that_the_statement_names(purpose: str, expected: bool) -> None:
    condition = {"StringEquals": {"kms:EncryptionContext:purpose": "signing"}}
    context = {"EncryptionContext": {"purpose": purpose}} if purpose else {}
    (need,) = needs_of("kms", "Decrypt", {"KeyId": KEY, "CiphertextBlob": b"", **context})

    assert allowed(need, [statement("kms:Decrypt", KEY, Condition=condition)]) is expected


@pytest.mark.parametrize(("key", "expected"), [("count#grp_1", True), ("role#rol_1", False)])
def test_a_write_is_held_to_the_leading_keys_that_the_statement_names(key: str, expected: bool) -> None:
    condition = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["count#*"]}}
    request = {"TransactItems": [{"Update": {"TableName": "events", "Key": {"pk": {"S": key}}}}]}
    (need,) = needs_of("dynamodb", "TransactWriteItems", request)

    assert allowed(need, [statement("dynamodb:UpdateItem", TABLE, Condition=condition)]) is expected


def test_a_transaction_needs_the_right_to_each_of_its_writes() -> None:
    item = {"TableName": "events", "Key": {"pk": {"S": "a"}}}
    put = {"TableName": "events", "Item": {"pk": {"S": "a"}}}

    assert needs(
        "dynamodb", "TransactWriteItems", TransactItems=[{"Put": put}, {"Delete": item}, {"ConditionCheck": item}]
    ) == [("dynamodb:PutItem", TABLE), ("dynamodb:DeleteItem", TABLE), ("dynamodb:ConditionCheckItem", TABLE)]


@pytest.mark.parametrize(("key", "expected"), [("serial#1", True), ("crt_1", False)])
def test_a_query_is_held_to_the_partitions_that_the_statement_names(key: str, expected: bool) -> None:
    condition = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["thumbprint#*", "serial#*"]}}
    request = {
        "TableName": "events",
        "KeyConditionExpression": "(#0 = :0 AND #1 > :1)",
        "ExpressionAttributeNames": {"#0": "pk", "#1": "sk"},
        "ExpressionAttributeValues": {":0": {"S": key}, ":1": {"S": "a"}},
    }
    (need,) = needs_of("dynamodb", "Query", request)

    assert allowed(need, [statement("dynamodb:Query", TABLE, Condition=condition)]) is expected


@pytest.mark.parametrize(("key_id", "expected"), [("key_1", True), ("crt_1", False), (None, False)])
def test_a_key_is_used_only_for_what_is_like_the_statements_pattern(key_id: str | None, expected: bool) -> None:
    condition = {"StringLike": {"kms:EncryptionContext:key_id": "key_*"}}
    context = {"EncryptionContext": {"key_id": key_id}} if key_id else {}
    (need,) = needs_of("kms", "Encrypt", {"KeyId": KEY, "Plaintext": b"", **context})

    assert allowed(need, [statement("kms:Encrypt", KEY, Condition=condition)]) is expected


def test_a_query_of_an_index_needs_the_index_and_not_the_table() -> None:
    assert needs("dynamodb", "Query", TableName="events", IndexName="by_user") == [
        ("dynamodb:Query", f"{TABLE}/index/by_user")
    ]


def test_a_call_that_nothing_is_known_of_is_an_error_and_not_let_through() -> None:
    with pytest.raises(NotImplementedError, match="s3:GetObject"):
        needs("s3", "GetObject", Bucket="b", Key="k")


def test_a_condition_that_nothing_is_known_of_is_an_error_and_not_let_through() -> None:
    condition = {"DateLessThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}}

    with pytest.raises(NotImplementedError, match="DateLessThan"):
        allowed(Need("kms:Decrypt", KEY, {}), [statement("kms:Decrypt", KEY, Condition=condition)])
