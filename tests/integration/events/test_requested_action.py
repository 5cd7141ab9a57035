"""Automation that calls in: an event is done once, as its sender may; a failure is kept with its reason."""

import json
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from moto.sqs.models import sqs_backends

from local.aws.template import ACCOUNT, REGION
from local.lambda_service.lambda_runtime import Context, load_handler
from tests.support.certificates.issued import unused_name
from tests.support.services.in_process import Fault, InProcess, answered
from tests.support.services.over_http import at

SOURCE = "com.example.inventory"
USER = f"automation/{SOURCE}"


@pytest.fixture
def signet(whole: InProcess) -> Iterator[InProcess]:
    with whole.as_it_was():
        yield whole
    whole.forget()
    sqs_backends[ACCOUNT][REGION].queues["signet-RefusedActionsQueue"]._messages.clear()


def give_role(signet: InProcess, *permissions: str) -> None:
    body = {"name": unused_name("role"), "permissions": list(permissions), "users": [USER]}
    signet.admin.good("POST", "/roles", body)


def event(action: str, *certificates: str, **changes: Any) -> dict[str, Any]:
    detail = {"action": action, "certificates": list(certificates), "requested_by": "corp/bob"}
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Certificate Action Requested",
        "source": SOURCE,
        "account": "123456789012",
        "time": "2026-11-22T13:00:00Z",
        "region": "us-east-1",
        "resources": [],
        "detail": detail,
        **changes,
    }


def deliver(signet: InProcess, *bodies: Any) -> list[str]:
    """Run the function on messages with these bodies; the ids of those that are to come again."""
    function = signet.functions["ApplyRequestedActionFunction"]
    records = [
        {"messageId": str(number), "body": body if isinstance(body, str) else json.dumps(body)}
        for number, body in enumerate(bodies)
    ]
    answer = load_handler(function)({"Records": records}, Context(function, "request"))
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


def refused(signet: InProcess) -> list[tuple[str, str]]:
    """What lies in the dead-letter queue, with the reason."""
    url = signet.environment["REQUESTED_ACTION_DLQ"]
    messages = signet.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
    return [
        (message["Body"], message["MessageAttributes"]["reason"]["StringValue"])
        for message in messages.get("Messages", [])
    ]


def events_by_automation(signet: InProcess) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = signet.admin.items("/events", user=USER)
    return found


def test_what_is_asked_for_is_done_as_the_sender_may(signet: InProcess) -> None:
    give_role(signet, "certificates:edit", "certificates:view")
    certificate = signet.admin.import_certificate()["id"]

    assert deliver(signet, event("disable", certificate)) == []

    assert signet.admin.good("GET", at(certificate))["status"] == "disabled"
    (done,) = events_by_automation(signet)
    assert done["type"] == "Certificate Disabled"
    assert done["user_agent"] == "requested by corp/bob"
    assert refused(signet) == []


def test_a_sender_that_may_only_import_adds_nothing_to_a_group(signet: InProcess) -> None:
    give_role(signet, "certificates:import", "signing_requests:create", "certificates:view")
    group = signet.admin.good("POST", "/certificate-groups", {"name": unused_name("group")})["id"]
    certificate = signet.admin.import_certificate()["id"]
    asked = event("add_to_groups", certificate)
    asked["detail"]["groups"] = [group]

    assert deliver(signet, asked) == []

    assert signet.admin.good("GET", at(certificate))["groups"] == []
    ((body, _),) = refused(signet)
    assert json.loads(body) == asked


def test_delivered_twice_it_acts_once(signet: InProcess) -> None:
    give_role(signet, "certificates:edit", "certificates:view")
    certificate = signet.admin.import_certificate()["id"]
    asked = event("disable", certificate)

    assert deliver(signet, asked) == []
    signet.admin.good("POST", at(certificate, "enable"))
    assert deliver(signet, asked, asked) == []

    assert signet.admin.good("GET", at(certificate))["status"] == "enabled"
    assert refused(signet) == []


def test_delivered_twice_at_once_it_acts_once(signet: InProcess) -> None:
    give_role(signet, "certificates:edit", "certificates:view")
    certificates = [signet.admin.import_certificate()["id"] for _ in range(5)]
    asked = event("disable", *certificates)

    with ThreadPoolExecutor(3) as pool:
        again = [
            delivered
            for pending in [pool.submit(deliver, signet, asked) for _ in range(3)]
            for delivered in pending.result()
        ]

    assert again == []
    assert len(events_by_automation(signet)) == 5
    assert refused(signet) == []


def test_a_sender_without_a_role_sees_nothing_and_does_nothing(signet: InProcess) -> None:
    certificate = signet.admin.import_certificate()["id"]
    asked = event("delete", certificate)

    assert deliver(signet, asked) == []

    assert signet.admin.get(at(certificate)).status == 200
    ((body, reason),) = refused(signet)
    assert json.loads(body) == asked
    assert reason == f'failed for 1: {{"{certificate}": "not_found"}}'


def test_one_that_is_gone_is_told_of_and_the_others_are_done(signet: InProcess) -> None:
    give_role(signet, "certificates:edit", "certificates:view")
    certificate = signet.admin.import_certificate()["id"]

    assert deliver(signet, event("disable", "gone", certificate)) == []

    assert signet.admin.good("GET", at(certificate))["status"] == "disabled"
    assert [reason for _, reason in refused(signet)] == ['failed for 1: {"gone": "not_found"}']


GOOD = event("disable", "x")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("{", "malformed_json"),
        ("[]", "invalid_input"),
        (event("explode", "x"), "invalid_input"),
        (event("disable"), "invalid_input"),
        (event("disable", *(["x"] * 501)), "invalid_input"),
        ({**GOOD, "detail": None}, "invalid_input"),
        ({**GOOD, "detail": {"action": "disable", "certificates": ["x"]}}, "invalid_input"),
        ({**GOOD, "detail": {**GOOD["detail"], "owner": "corp/bob"}}, "invalid_input"),
        ({**GOOD, "detail": {**GOOD["detail"], "dry_run": True}}, "invalid_input"),
        ({**GOOD, "detail": {**GOOD["detail"], "groups": ["grp_" + "0" * 24]}}, "invalid_input"),
        (
            {**GOOD, "detail": {**GOOD["detail"], "action": "add_to_groups", "groups": ["grp_" + "0" * 24]}},
            "unknown_reference",
        ),
        ({**GOOD, "source": "signet"}, "invalid_input"),
        ({**GOOD, "source": ""}, "invalid_input"),
        ({**GOOD, "source": "a\u202eb"}, "invalid_input"),
        ({**GOOD, "id": ""}, "invalid_input"),
        ({key: value for key, value in GOOD.items() if key != "source"}, "invalid_input"),
    ],
)
def test_what_makes_no_sense_is_kept_with_the_reason(signet: InProcess, body: Any, reason: str) -> None:
    assert deliver(signet, body) == []

    ((kept, why),) = refused(signet)
    assert kept == (body if isinstance(body, str) else json.dumps(body))
    assert why.startswith(f"{reason}: ")


def test_the_reason_says_what_would_do(signet: InProcess) -> None:
    deliver(signet, event("explode", "x"))

    ((_, why),) = refused(signet)
    assert why.startswith("invalid_input: detail.action: must be one of add_to_groups, delete, ")


def test_an_id_that_comes_again_with_another_action_is_refused(signet: InProcess) -> None:
    give_role(signet, "certificates:edit", "certificates:view")
    certificate = signet.admin.import_certificate()["id"]
    asked = event("disable", certificate)
    deliver(signet, asked)

    deliver(signet, {**asked, "detail": {**asked["detail"], "action": "enable"}})

    assert signet.admin.good("GET", at(certificate))["status"] == "disabled"
    assert [reason.partition(":")[0] for _, reason in refused(signet)] == ["idempotency_key_reused"]


def test_where_the_database_does_not_answer_the_message_comes_again(signet: InProcess) -> None:
    certificate = signet.admin.import_certificate()["id"]

    def away(index: int, name: str) -> Fault | None:
        if not name.startswith("dynamodb:"):
            return None
        return lambda send, asked: answered(500, {"__type": "InternalServerError", "message": "no"})

    with signet.counting(away):
        assert deliver(signet, event("disable", certificate)) == ["0"]
    assert refused(signet) == []
