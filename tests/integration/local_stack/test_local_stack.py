"""A stack makes what its template says, listens on this machine alone, and has an issuer of its own."""

import http.client
import json
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from botocore.exceptions import ClientError

from local.api_gateway.http_server import Request
from local.oidc.local_issuer import LocalIssuer
from local.stack import PortTakenError, Stack, start
from tools.shifted_clock import shifted

TEMPLATE = Path(__file__).parent / "small_stack" / "template.yaml"


@pytest.mark.parametrize(
    "headers", [{"Host": "evil.example:3000"}, {"Origin": "http://evil.example"}, {"Origin": "null"}]
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/local/tokens"),
        ("GET", "/2015-03-31/functions/"),
        ("POST", "/2015-03-31/functions/Echo/invocations"),
        ("GET", "/local/issuer/jwks"),
    ],
)
def test_what_only_this_machine_has_answers_no_page_of_somebody_else(
    stack: Stack, method: str, path: str, headers: dict[str, str]
) -> None:
    connection = http.client.HTTPConnection(stack.url.removeprefix("http://"), timeout=300)
    connection.request(method, path, json.dumps({"user": "alice"}), headers)
    answer = connection.getresponse()
    told = answer.read()
    connection.close()

    assert answer.status == 403
    assert b"token" not in told


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    extra = {"alias": "corp", "issuer": "http://127.0.0.1:1/corp", "audiences": ["signet"]}
    with start(template=TEMPLATE, extra_issuers=[extra], log=lambda text: None) as running_stack:
        yield running_stack


def test_the_second_stack_on_a_port_is_refused(stack: Stack) -> None:
    port = int(stack.url.rsplit(":", 1)[1])
    with pytest.raises(PortTakenError, match=f"port {port} is taken"), start(port=port, template=TEMPLATE):
        pass


def test_the_stack_listens_on_this_machine_alone(stack: Stack) -> None:
    listening = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        address, port = fields[1].split(":")
        if fields[3] == "0A":
            listening.add((address, int(port, 16)))
    for url in (stack.url, stack.aws_url):
        assert {address for address, port in listening if port == int(url.rsplit(":", 1)[1])} == {"0100007F"}


def test_resources_are_made_as_the_template_says(stack: Stack) -> None:
    dynamodb = stack.client("dynamodb")
    table = dynamodb.describe_table(TableName="signet-Table")["Table"]
    assert [index["IndexName"] for index in table["GlobalSecondaryIndexes"]] == ["by_kind"]
    assert table["GlobalSecondaryIndexes"][0]["Projection"] == {"ProjectionType": "KEYS_ONLY"}
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    assert table["DeletionProtectionEnabled"] is True
    assert table["SSEDescription"]["KMSMasterKeyArn"] == stack.resources.attribute("Key", "Arn")
    expiry = dynamodb.describe_time_to_live(TableName="signet-Table")["TimeToLiveDescription"]
    assert expiry == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}
    backups = dynamodb.describe_continuous_backups(TableName="signet-Table")["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["RecoveryPeriodInDays"] == 7
    kms = stack.client("kms")
    key = kms.describe_key(KeyId="alias/test")["KeyMetadata"]["KeyId"]
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is True
    logs = stack.client("logs").describe_log_groups()["logGroups"]
    assert [(group["logGroupName"], group["retentionInDays"]) for group in logs] == [("/aws/lambda/signet-Collect", 30)]
    queues = stack.client("sqs").list_queues()["QueueUrls"]
    assert not any("OnlyRude" in url for url in queues)
    assert stack.outputs == {"TableName": "signet-Table"}


def test_what_moto_does_not_know_is_an_error_and_ends_nothing(stack: Stack) -> None:
    with pytest.raises(ClientError):
        stack.client("dynamodb").describe_global_table(GlobalTableName="none")
    with pytest.raises(ClientError):
        stack.client("dynamodb").describe_table(TableName="none")
    assert stack.client("dynamodb").list_tables()["TableNames"] == ["signet-Table"]


def test_no_web_page_may_read_what_moto_holds(stack: Stack) -> None:
    connection = http.client.HTTPConnection(stack.aws_url.removeprefix("http://"), timeout=300)
    connection.request("GET", "/moto-api/", headers={"Origin": "https://example.com"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.getheader("access-control-allow-origin") is None


def ask(stack: Stack, method: str, path: str, body: Any = None) -> tuple[int, str, Any]:
    connection = http.client.HTTPConnection(stack.url.removeprefix("http://"), timeout=300)
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    connection.request(method, path, content)
    answer = connection.getresponse()
    read = answer.read()
    connection.close()
    return answer.status, answer.headers["content-type"], json.loads(read)


def test_the_local_issuer_signs_tokens_that_its_published_key_verifies(stack: Stack) -> None:
    status, _, answer = ask(stack, "POST", "/local/tokens", {"user": "alice", "groups": ["administrators"]})
    assert status == 200
    _, _, configuration = ask(stack, "GET", "/local/issuer/.well-known/openid-configuration")
    assert configuration["issuer"] == f"{stack.url}/local/issuer"
    _, _, keys = ask(stack, "GET", configuration["jwks_uri"].removeprefix(stack.url))

    claims = jwt.decode(answer["token"], jwt.PyJWK(keys["keys"][0]), audience="signet", issuer=configuration["issuer"])
    assert claims["sub"] == "alice"
    assert claims["groups"] == ["administrators"]
    assert claims["exp"] - claims["iat"] == 3600
    assert claims["jti"]
    assert "d" not in keys["keys"][0]
    assert jwt.get_unverified_header(answer["token"])["kid"] == keys["keys"][0]["kid"]


def test_a_token_may_be_born_expired(stack: Stack) -> None:
    _, _, answer = ask(stack, "POST", "/local/tokens", {"user": "alice", "expires_in": -10})

    claims = jwt.decode(answer["token"], options={"verify_signature": False})
    assert claims["iat"] <= claims["exp"] < time.time()
    assert claims["groups"] == []


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b"{", 400, None),
        ([], 422, ""),
        ({}, 422, "user"),
        ({"user": ""}, 422, "user"),
        ({"user": 5}, 422, "user"),
        ({"user": "a", "groups": "b"}, 422, "groups"),
        ({"user": "a", "groups": [1]}, 422, "groups"),
        ({"user": "a", "expires_in": "1"}, 422, "expires_in"),
        ({"user": "a", "expires_in": True}, 422, "expires_in"),
        ({"user": "a", "expires_in": 10**12}, 422, "expires_in"),
        ({"user": "a", "admin": True}, 422, "admin"),
    ],
)
def test_a_bad_request_for_a_token_is_a_problem(stack: Stack, body: Any, status: int, field: str | None) -> None:
    got, content_type, problem = ask(stack, "POST", "/local/tokens", body)

    assert got == status == problem["status"]
    assert content_type == "application/problem+json"
    assert problem["type"] == f"urn:signet:problem:{problem['code']}"
    assert field is None or problem["errors"][0]["field"] == field


def test_functions_trust_the_local_issuer_and_those_that_are_added(stack: Stack) -> None:
    trusted = json.loads(stack.environment["TRUSTED_ISSUERS"])

    assert (trusted[0]["alias"], trusted[0]["issuer"]) == ("local", f"{stack.url}/local/issuer")
    assert trusted[0]["audiences"] == ["signet"]
    assert trusted[0]["group_claims"] == ["groups"]
    assert trusted[1]["alias"] == "corp"


def test_a_request_for_somebody_else_is_not_the_issuers() -> None:
    issuer = LocalIssuer("http://127.0.0.1:3000")

    assert issuer.answer(Request("GET", "/v1/health", "HTTP/1.1", [], b"", "127.0.0.1")) is None
    assert issuer.answer(Request("GET", "/local/tokens", "HTTP/1.1", [], b"", "127.0.0.1")) is None


@pytest.mark.soak
def test_a_shifted_clock_reaches_the_functions_and_what_plays_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in shifted(os.environ, timedelta(days=400)).items():
        monkeypatch.setenv(name, value)
    begun = datetime.now(UTC)

    with start(template=TEMPLATE, log=lambda text: None) as stack:
        _, _, answer = ask(stack, "GET", "/open")
        created = stack.client("dynamodb").describe_table(TableName="signet-Table")["Table"]["CreationDateTime"]

    for seen in (datetime.fromtimestamp(answer["now"], UTC), created):
        assert timedelta(days=399) < seen - begun < timedelta(days=401)
