"""The main job, done by the built functions under the roles that they were deployed with."""

from __future__ import annotations

import time

import pytest

from tests.deployed.deployment import Deployment
from tests.integration.events.test_expiry_story import (
    bus,
    mailbox,
    test_automation_calls_in_over_the_bus,
    test_from_the_warning_to_the_renewed_certificate,
)
from tests.support.certificates.certification_authority import CertificationAuthority
from tests.support.certificates.issued import issue
from tests.support.services.actions import a_policy, ask, complete, is_signed, renew, sign
from tests.support.services.over_http import Client, at

__all__ = [
    "bus",
    "mailbox",
    "test_automation_calls_in_over_the_bus",
    "test_from_the_warning_to_the_renewed_certificate",
]

pytestmark = pytest.mark.soak


def test_a_certificate_is_imported_shared_by_a_policy_and_signed_with(admin: Client, alice: Client) -> None:
    issued = issue()
    made = admin.import_certificate(issued)
    assert sign(alice, made["id"]).code == "not_found"
    a_policy(admin, alice, certificates=[made["id"]])

    assert is_signed(sign(alice, made["alias"]), issued.pem)

    assert [event["type"] for event in admin.items(at(made["id"], "events"))] == [
        "Certificate Used",
        "Certificate Imported",
    ]


def test_a_disabled_certificate_signs_nothing_until_it_is_enabled_again(admin: Client, alice: Client) -> None:
    issued = issue()
    made = admin.import_certificate(issued, owner="local/alice")

    assert admin.good("POST", at(made["id"], "disable"))["status"] == "disabled"
    assert sign(alice, made["id"]).code == "certificate_disabled"
    assert admin.good("POST", at(made["id"], "enable"))["status"] == "enabled"
    assert is_signed(sign(alice, made["id"]), issued.pem)


def test_a_ca_answers_a_request_and_a_renewal(admin: Client, alice: Client, ca: CertificationAuthority) -> None:
    made = complete(admin, ca, ask(admin, owner="local/alice"))
    renewed = complete(admin, ca, renew(admin, made["id"]))

    assert sign(alice, made["id"]).status == 200
    assert sign(alice, renewed["id"]).status == 200
    assert admin.good("GET", at(made["id"]))["renewed_by"] == renewed["id"]


def test_what_was_imported_can_be_found_read_and_deleted(admin: Client) -> None:
    made = admin.import_certificate()

    assert made["id"] in {one["id"] for one in admin.items("/certificates", q=made["alias"])}
    assert admin.good("GET", at(made["id"], "details"))["version"] == 3
    assert admin.call("GET", at(made["id"], "download")).status == 200
    assert admin.delete(at(made["id"])).status == 204
    assert admin.call("GET", at(made["id"])).status == 404


def test_the_schedule_runs_the_check(deployment: Deployment, admin: Client) -> None:
    made = admin.import_certificate(issue(days=5))
    events = deployment.client("events")
    rule = deployment.stack.resources.attribute("CheckExpiryFunctionDaily")
    assert events.describe_rule(Name=rule)["ScheduleExpression"] == "cron(0 6 * * ? *)"
    events.put_rule(Name=rule, ScheduleExpression="rate(1 minute)")  # the next morning is too far away

    end = time.monotonic() + 600
    while (expiry := admin.good("GET", at(made["id"]))["expiry"])["flagged_stage"] is None:
        assert time.monotonic() < end
        time.sleep(1)

    assert expiry["flagged_stage"] == 7
    events.put_rule(Name=rule, ScheduleExpression="cron(0 6 * * ? *)")


def changed(deployment: Deployment) -> bool:
    """Whether the function whose code a test changes answers with it."""
    return "x-changed" in Client(deployment.url, None).get("/health").headers


def is_administrator(deployment: Deployment, group: str) -> bool:
    """Whether the members of the issuer's group `group` are Administrators."""
    client = Client(deployment.url, deployment.issuer.token("somebody", [group]))
    return bool(client.good("GET", "/me")["permissions"])


def test_a_changed_function_with_a_changed_parameter_and_the_way_back_from_both(
    deployment: Deployment, admin: Client, alice: Client
) -> None:
    made = admin.import_certificate(owner="local/alice")
    code = deployment.build / "GetHealthFunction" / "app.py"
    code.write_text(
        f"""{code.read_text()}

answer_unchanged = lambda_handler


def lambda_handler(event, context):
    answer = answer_unchanged(event, context)
    return {{**answer, "headers": {{**answer["headers"], "X-Changed": "yes"}}}}
"""
    )
    assert not changed(deployment)

    deployment.deploy(AdministratorGroup="local/chiefs")
    assert changed(deployment)
    assert [is_administrator(deployment, group) for group in ("administrators", "chiefs")] == [False, True]
    assert sign(alice, made["id"]).status == 200

    deployment.go_back()
    assert not changed(deployment)
    assert [is_administrator(deployment, group) for group in ("administrators", "chiefs")] == [True, False]
    assert sign(alice, made["id"]).status == 200
    assert admin.good("GET", at(made["id"]))["usage_count"] == 2


def test_no_function_was_refused_what_it_needs(deployment: Deployment) -> None:
    assert "AccessDenied" not in deployment.aws.log.read_text(errors="replace")
