"""Whoever is named in a policy, a role or as an owner is of an issuer that the deployment trusts."""

from typing import Any

import pytest

from tests.support.certificates.certification_authority import CertificationAuthority
from tests.support.certificates.issued import in_base64, issue, unused_name
from tests.support.services.over_http import Client, Response, Service, assert_refused, at

UNKNOWN = "lcoal/eve"
PATTERN = "local/repo:acme/*"
CSR = {"key_algorithm": "ECC_NIST_P256", "subject": {"common_name": "Example"}}


def policy(certificate: str, **who: Any) -> dict[str, Any]:
    return {
        "name": unused_name("policy"),
        "action": "allow",
        "priority": 10,
        "what": {"certificates": [certificate]},
        "who": who,
    }


def assert_unknown(response: Response, field: str) -> None:
    assert_refused(response, 422, "unknown_issuer", field)


@pytest.mark.parametrize("kind", ["users", "user_groups"])
def test_in_a_policy(kind: str, admin: Client) -> None:
    certificate = admin.import_certificate()["id"]
    made = admin.good("POST", "/policies", policy(certificate, users=["local/alice", "automation/inventory"]))
    who = {"users": ["local/alice"], "user_groups": ["local/y"]} | {kind: [UNKNOWN]}

    assert_unknown(admin.post("/policies", policy(certificate, **{kind: ["local/x", UNKNOWN]})), f"who.{kind}[1]")
    assert_unknown(admin.patch(f"/policies/{made['id']}", {"who": who}), f"who.{kind}[0]")


@pytest.mark.parametrize("kind", ["users", "user_groups"])
def test_in_a_role(kind: str, admin: Client) -> None:
    role = {"name": unused_name("role"), "permissions": ["certificates:view"]}
    made = admin.good("POST", "/roles", role)

    assert_unknown(admin.post("/roles", {**role, "name": unused_name("role"), kind: [UNKNOWN]}), f"{kind}[0]")
    assert_unknown(admin.patch(f"/roles/{made['id']}", {kind: [UNKNOWN]}), f"{kind}[0]")


def test_as_an_owner(admin: Client, ca: CertificationAuthority) -> None:
    content = in_base64(issue().pem)
    made = admin.import_certificate()
    request = admin.good("POST", "/signing-requests", CSR)
    answer = {"content": in_base64(ca.issue(request["csr"])), "owner": UNKNOWN}

    assert_unknown(admin.post("/certificates", {"content": content, "owner": UNKNOWN}), "owner")
    assert_unknown(admin.patch(at(made["id"]), {"owner": UNKNOWN}), "owner")
    assert_unknown(admin.post("/signing-requests", {**CSR, "owner": UNKNOWN}), "owner")
    assert_unknown(admin.post(f"/signing-requests/{request['id']}/certificate", answer), "owner")


def test_an_owner_of_an_issuer_that_was_given_up_does_not_keep_an_import_from_adding_the_key(
    signet: Service, admin: Client
) -> None:
    issued = issue()
    made = admin.good("POST", "/certificates", {"content": in_base64(issued.pem), "owner": "local/eve"})
    signet.stack.client("dynamodb").update_item(
        TableName=signet.stack.outputs["CertificateTableName"],
        Key={"pk": {"S": made["id"]}, "sk": {"S": "certificate"}},
        UpdateExpression="SET #owner = :owner",
        ExpressionAttributeNames={"#owner": "owner"},
        ExpressionAttributeValues={":owner": {"S": UNKNOWN}},
    )

    assert_unknown(admin.post("/certificates", issued.body(owner="lcoal/mallory")), "owner")
    added = admin.post("/certificates", issued.body(owner=UNKNOWN))
    assert (added.status, added.json["owner"], added.json["has_private_key"]) == (200, UNKNOWN, True)


def test_a_pattern_is_told_that_it_is_none(admin: Client) -> None:
    certificate = admin.import_certificate()["id"]

    for response, field in (
        (admin.post("/policies", policy(certificate, users=[PATTERN])), "who.users[0]"),
        (admin.patch(at(certificate), {"owner": PATTERN}), "owner"),
        (admin.post("/roles", {"name": unused_name("role"), "user_groups": [PATTERN]}), "user_groups[0]"),
    ):
        assert_refused(response, 422, "invalid_input", field)
        assert "group_claims" in response.json["detail"]


@pytest.mark.parametrize("name", ["local/alice\u3164", "local/al\ufe0fice", "local/al\u2800ice", "local/al\u200dice"])
def test_a_name_that_looks_like_another_is_refused_and_told_what(name: str, admin: Client) -> None:
    certificate = admin.import_certificate()["id"]

    for response, field in (
        (admin.post("/policies", policy(certificate, users=[name])), "who.users[0]"),
        (admin.post("/policies", {**policy(certificate, users=["local/alice"]), "name": name}), "name"),
        (admin.patch(at(certificate), {"owner": name}), "owner"),
        (admin.patch(at(certificate), {"alias": name.replace("/", "-")}), "alias"),
        (admin.post("/roles", {"name": name}), "name"),
        (admin.post("/certificate-groups", {"name": name}), "name"),
    ):
        assert_refused(response, 422, "invalid_input", field)
        assert "U+" in response.json["detail"]


@pytest.mark.parametrize("reason", [" ", "\u3164", "\u2800", "\u200b\ufe0f", "\t\n", "\u034f"])
def test_a_reason_that_says_nothing_is_none(reason: str, admin: Client, alice: Client) -> None:
    made = admin.import_certificate(owner="local/alice", ask_for_reason=True)
    order = {"message": "AAAA", "message_type": "RAW", "signing_algorithm": "ECDSA_SHA_256"}

    assert_refused(alice.post(at(made["id"], "sign"), {**order, "reason": reason}), 403, "reason_required")
    assert alice.post(at(made["id"], "sign"), {**order, "reason": "release 1.4"}).status == 200
