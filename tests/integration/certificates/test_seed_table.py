"""What a commercial product of this kind shows and does, row by row, over HTTP; `make test` prints the table.

A test is named after its place and its row: `test_<place>__<row>`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.certificates.certification_authority import CertificationAuthority, openssl, proves_its_key
from tests.support.certificates.issued import unused_name
from tests.support.services.actions import a_group, a_policy, ask, complete, sign
from tests.support.services.over_http import Client, at

pytestmark = pytest.mark.clock


@pytest.fixture(scope="module")
def group(admin: Client) -> dict[str, Any]:
    made: dict[str, Any] = admin.good("POST", "/certificate-groups", {"name": unused_name("Release")})
    return made


@pytest.fixture(scope="module")
def made(admin: Client, alice: Client, ca: CertificationAuthority, group: dict[str, Any]) -> dict[str, Any]:
    """A certificate with all that there is to show."""
    request = ask(
        admin,
        subject={"common_name": (name := unused_name("Seed")), "organization": "Example Corp", "country": "US"},
        subject_alternative_names={"dns": ["example.com"]},
        extended_key_usage=["code_signing"],
        alias=name,
        description="Signs releases",
        owner=alice.user,
        groups=[group["id"]],
    )
    return complete(admin, ca, request)


@pytest.fixture(scope="module")
def policy(admin: Client, made: dict[str, Any]) -> dict[str, Any]:
    who = {"users": ["local/seed-user"], "user_groups": ["local/seed-group"]}
    return a_policy(admin, certificates=[made["id"]], who=who)


@pytest.fixture(scope="module")
def pem(admin: Client, made: dict[str, Any]) -> bytes:
    return admin.get(at(made["id"], "download"), format="pem").body


@pytest.fixture(scope="module")
def details(admin: Client, made: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = admin.good("GET", at(made["id"], "details"))
    return told


def listed(admin: Client, certificate: dict[str, Any]) -> dict[str, Any]:
    """The row of the list about it."""
    (row,) = (one for one in admin.items("/certificates", q=certificate["alias"]) if one["id"] == certificate["id"])
    found: dict[str, Any] = row
    return found


def in_bulk(admin: Client, action: str, many: list[str], **fields: Any) -> dict[str, Any]:
    body = {"action": action, "certificates": many, **fields}
    report: dict[str, Any] = admin.good("POST", "/certificates/actions", body)
    return report


def told_by_openssl(pem: bytes, *what: str) -> str:
    return openssl("x509", "-noout", *what, given=pem).decode().strip()


# --- the certificate list ------------------------------------------------------------------------------------------


def test_list__name(admin: Client, made: dict[str, Any]) -> None:
    assert listed(admin, made)["alias"] == made["alias"]


def test_list__status_with_its_four_flags(admin: Client, alice: Client) -> None:
    plain = admin.import_certificate()
    full = admin.import_certificate(owner=alice.user, pin="2468", ask_for_reason=True)
    admin.good("POST", at(full["id"], "disable"))
    flags = ("enabled", "has_owner", "pin_required", "reason_required")
    assert listed(admin, plain)["status"] == "enabled"
    assert listed(admin, full)["status"] == "disabled"
    assert listed(admin, plain)["status_info"] == dict(zip(flags, (True, False, False, False), strict=True))
    assert listed(admin, full)["status_info"] == dict(zip(flags, (False, True, True, True), strict=True))


def test_list__usage_count(admin: Client, alice: Client, made: dict[str, Any]) -> None:
    before = listed(admin, made)["usage_count"]
    for _ in range(2):
        assert sign(alice, made["id"]).status == 200
    assert listed(admin, made)["usage_count"] == before + 2


def test_list__last_use_in_utc(admin: Client, alice: Client, made: dict[str, Any]) -> None:
    assert admin.import_certificate()["last_used_at"] is None
    sign(alice, made["id"])
    told = listed(admin, made)["last_used_at"]
    assert told.endswith("Z")
    assert abs(datetime.now(UTC) - datetime.fromisoformat(told)) < timedelta(minutes=10)


def test_list__groups(admin: Client, made: dict[str, Any], group: dict[str, Any]) -> None:
    assert listed(admin, made)["groups"] == [{"id": group["id"], "name": group["name"]}]


def test_list__policies(admin: Client, made: dict[str, Any], policy: dict[str, Any]) -> None:
    assert {"id": policy["id"], "name": policy["name"]} in listed(admin, made)["policies"]


def test_list__valid_to(admin: Client, made: dict[str, Any], pem: bytes) -> None:
    told = datetime.fromisoformat(listed(admin, made)["valid_to"])
    assert told_by_openssl(pem, "-enddate") == f"notAfter={told:%b} {told.day:2} {told:%H:%M:%S %Y} GMT"


# --- quick actions -------------------------------------------------------------------------------------------------


def test_quick_action__enable(admin: Client, alice: Client) -> None:
    one = admin.import_certificate(owner=alice.user)
    admin.good("POST", at(one["id"], "disable"))
    assert admin.good("POST", at(one["id"], "enable"))["status"] == "enabled"
    assert sign(alice, one["id"]).status == 200


def test_quick_action__disable(admin: Client, alice: Client) -> None:
    one = admin.import_certificate(owner=alice.user)
    assert admin.good("POST", at(one["id"], "disable"))["status"] == "disabled"
    assert sign(alice, one["id"]).code == "certificate_disabled"


def test_quick_action__download_cer(admin: Client, made: dict[str, Any], pem: bytes) -> None:
    file = admin.get(at(made["id"], "download"))
    assert file.headers["content-type"] == "application/pkix-cert"
    assert file.headers["content-disposition"].startswith("attachment")
    assert f"{made['alias']}.cer" in file.headers["content-disposition"]
    assert openssl("x509", "-inform", "DER", given=file.body).split() == pem.split()


def test_quick_action__csr_and_renew(admin: Client, alice: Client, ca: CertificationAuthority) -> None:
    one = admin.import_certificate(owner=alice.user)
    request = admin.good("POST", at(one["id"], "renew"), {})
    assert proves_its_key(request["csr"].encode())
    new = complete(admin, ca, request)
    assert sign(alice, one["alias"]).json["certificate_id"] == new["id"]


def test_quick_action__delete(admin: Client) -> None:
    one = admin.import_certificate()
    assert admin.delete(at(one["id"])).status == 204
    assert admin.get(at(one["id"])).status == 404


# --- bulk actions --------------------------------------------------------------------------------------------------


@pytest.fixture
def many(admin: Client) -> list[str]:
    return [admin.import_certificate()["id"] for _ in range(3)]


def test_bulk_action__add_to_groups(admin: Client, many: list[str]) -> None:
    groups = [a_group(admin), a_group(admin)]
    assert in_bulk(admin, "add_to_groups", many, groups=groups)["summary"]["done"] == 3
    assert [{one["id"] for one in admin.good("GET", at(each))["groups"]} for each in many] == [set(groups)] * 3


def test_bulk_action__remove_from_groups(admin: Client, many: list[str]) -> None:
    group = a_group(admin)
    in_bulk(admin, "add_to_groups", many, groups=[group])
    assert in_bulk(admin, "remove_from_groups", many, groups=[group])["summary"]["done"] == 3
    assert [admin.good("GET", at(each))["groups"] for each in many] == [[]] * 3


def test_bulk_action__enable(admin: Client, many: list[str]) -> None:
    in_bulk(admin, "disable", many)
    assert in_bulk(admin, "enable", many)["summary"]["done"] == 3
    assert {admin.good("GET", at(each))["status"] for each in many} == {"enabled"}


def test_bulk_action__disable(admin: Client, many: list[str]) -> None:
    assert in_bulk(admin, "disable", many)["summary"]["done"] == 3
    assert {admin.good("GET", at(each))["status"] for each in many} == {"disabled"}


def test_bulk_action__delete(admin: Client, many: list[str]) -> None:
    assert in_bulk(admin, "delete", many)["summary"]["done"] == 3
    assert {admin.get(at(each)).status for each in many} == {404}


# --- the detail view -----------------------------------------------------------------------------------------------


def test_detail__alias(admin: Client) -> None:
    one = admin.import_certificate()
    changed = admin.good("PATCH", at(one["id"]), {"alias": (alias := unused_name("renamed"))})
    assert changed["alias"] == alias
    assert admin.good("GET", at(alias))["id"] == one["id"]
    assert admin.get(at(one["alias"])).status == 404


def test_detail__owner(admin: Client, alice: Client) -> None:
    one = admin.import_certificate()
    assert admin.good("PATCH", at(one["id"]), {"owner": alice.user})["owner"] == alice.user
    assert sign(alice, one["id"]).status == 200
    assert admin.good("PATCH", at(one["id"]), {"owner": None})["owner"] is None
    assert sign(alice, one["id"]).status == 404


def test_detail__usage_count(admin: Client, alice: Client) -> None:
    one = admin.import_certificate(owner=alice.user)
    assert one["usage_count"] == 0
    sign(alice, one["id"])
    assert admin.good("GET", at(one["id"]))["usage_count"] == 1


def test_detail__status(admin: Client) -> None:
    one = admin.import_certificate()
    assert one["status"] == "enabled"
    admin.good("POST", at(one["id"], "disable"))
    assert admin.good("GET", at(one["id"]))["status"] == "disabled"


def test_detail__description(admin: Client) -> None:
    one = admin.import_certificate(description="first")
    assert one["description"] == "first"
    assert admin.good("PATCH", at(one["id"]), {"description": "then"})["description"] == "then"


def test_detail__ask_for_a_reason(admin: Client, alice: Client) -> None:
    one = admin.import_certificate(owner=alice.user)
    admin.good("PATCH", at(one["id"]), {"ask_for_reason": True})
    assert sign(alice, one["id"]).code == "reason_required"
    used = sign(alice, one["id"], reason="release 1.4")
    assert used.status == 200
    assert admin.good("GET", f"/events/{used.json['event_id']}")["detail"]["reason"] == "release 1.4"


def test_detail__always_ask_for_pin(admin: Client, alice: Client) -> None:
    one = admin.import_certificate(owner=alice.user)
    admin.good("PATCH", at(one["id"]), {"pin": "2468"})
    assert sign(alice, one["id"]).code == "pin_required"
    assert sign(alice, one["id"], pin="1357").code == "pin_wrong"
    assert [sign(alice, one["id"], pin="2468").status for _ in range(2)] == [200, 200]
    assert sign(alice, one["id"]).code == "pin_required"


# --- the related tab -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def related(admin: Client, made: dict[str, Any], policy: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = admin.good("GET", at(made["id"], "related"))
    return told


def test_related__groups(related: dict[str, Any], group: dict[str, Any]) -> None:
    assert related["groups"] == [{"id": group["id"], "name": group["name"]}]


def test_related__policies(
    admin: Client, made: dict[str, Any], group: dict[str, Any], policy: dict[str, Any], related: dict[str, Any]
) -> None:
    told = {name: policy[name] for name in ("id", "name", "action", "enabled", "priority")}
    assert related["policies"] == [told]
    of_group = a_policy(admin, groups=[group["id"]], who={"users": ["local/another"]})
    now = admin.good("GET", at(made["id"], "related"))
    assert {one["id"] for one in now["policies"]} == {policy["id"], of_group["id"]}
    admin.good("DELETE", f"/policies/{of_group['id']}")


def test_related__associated_users(related: dict[str, Any]) -> None:
    assert {"name": "local/seed-user", "can_sign": "always"} in related["users"]


def test_related__associated_user_groups(related: dict[str, Any]) -> None:
    assert related["user_groups"] == [{"name": "local/seed-group", "can_sign": "always"}]


# --- the first X.509 tab -------------------------------------------------------------------------------------------


def test_x509_general__serial_number(details: dict[str, Any], pem: bytes) -> None:
    assert told_by_openssl(pem, "-serial") == f"serial={details['serial_number']}"


def test_x509_general__thumbprint(made: dict[str, Any], details: dict[str, Any], pem: bytes) -> None:
    for name in ("sha1", "sha256"):
        told = told_by_openssl(pem, "-fingerprint", f"-{name}").partition("=")[2].replace(":", "")
        assert details[f"thumbprint_{name}"] == made[f"thumbprint_{name}"] == told


def test_x509_general__issuer(details: dict[str, Any], pem: bytes) -> None:
    assert told_by_openssl(pem, "-issuer", "-nameopt", "RFC2253") == f"issuer={details['issuer']}"
    assert [one["value"] for one in details["issuer_attributes"]] == ["US", "Example Corp", "Example Issuing CA"]


def test_x509_general__subject(details: dict[str, Any], pem: bytes) -> None:
    assert told_by_openssl(pem, "-subject", "-nameopt", "RFC2253") == f"subject={details['subject']}"


def test_x509_general__validity(made: dict[str, Any], details: dict[str, Any]) -> None:
    assert (details["valid_from"], details["valid_to"]) == (made["valid_from"], made["valid_to"])
    assert made["expiry"]["state"] == "valid"


def test_x509_general__extended_key_usage(details: dict[str, Any], pem: bytes) -> None:
    (usage,) = (one for one in details["extensions"] if one["name"] == "extended_key_usage")
    assert usage["value"] == [{"oid": "1.3.6.1.5.5.7.3.3", "name": "code_signing"}]
    assert "Code Signing" in told_by_openssl(pem, "-ext", "extendedKeyUsage")


# --- the second X.509 tab ------------------------------------------------------------------------------------------


def test_x509_details__version_and_signature_algorithm(details: dict[str, Any]) -> None:
    assert details["version"] == 3
    assert details["signature_algorithm"] == {"oid": "1.2.840.10045.4.3.2", "name": "ecdsa-with-SHA256"}


def test_x509_details__public_key(details: dict[str, Any]) -> None:
    key = details["public_key"]
    assert (key["algorithm"], key["size"], key["curve"], len(key["spki_sha256"])) == ("EC", 256, "P-256", 64)


def test_x509_details__extensions(details: dict[str, Any]) -> None:
    told = {one["name"]: (one["critical"], one["value"]) for one in details["extensions"]}
    assert told["subject_alternative_name"] == (False, [{"type": "dns", "value": "example.com"}])
    assert told["basic_constraints"] == (True, {"ca": False, "path_length": None})
    assert told["authority_key_identifier"][1]["key_identifier"]


def test_x509_details__chain(admin: Client, made: dict[str, Any], details: dict[str, Any]) -> None:
    assert [one["subject"] for one in details["chain"]] == [
        "CN=Example Issuing CA,O=Example Corp,C=US",
        "CN=Example Root CA,O=Example Corp,C=US",
    ]
