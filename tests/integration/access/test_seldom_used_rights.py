"""What functions seldom do, once each, under the rights of their roles: `make grants` looks for what nothing uses."""

import json
import uuid
from typing import Any

from tests.support.certificates.certification_authority import CertificationAuthority
from tests.support.certificates.issued import in_base64, unused_name
from tests.support.services.actions import answer, ask, complete
from tests.support.services.over_http import Client, Service, at


def invoke(signet: Service, function: str, event: dict[str, Any]) -> dict[str, Any]:
    answer = signet.stack.lambda_client().invoke(FunctionName=function, Payload=json.dumps(event))
    told: dict[str, Any] = json.loads(answer["Payload"].read() or "null")
    assert "FunctionError" not in answer, told
    return told


def taken_over(admin: Client, ca: CertificationAuthority) -> tuple[bytes, str]:
    """A certificate that corrects another one after it had been brought in without its key; and the id of that one."""
    group = admin.good("POST", "/certificate-groups", {"name": unused_name("group")})["id"]
    request = ask(admin, groups=[group])
    made = complete(admin, ca, request)["id"]
    issued = ca.issue(request["csr"])
    admin.good("POST", "/certificates", {"content": in_base64(issued), "alias": unused_name()})
    corrected = answer(admin, request, issued)
    assert corrected.status == 200, corrected
    return issued, made


def test_a_bulk_deletion_hands_a_thumbprint_back_to_whoever_had_it_before(
    admin: Client, ca: CertificationAuthority
) -> None:
    issued, certificate = taken_over(admin, ca)

    admin.good("POST", "/certificates/actions", {"action": "delete", "certificates": [certificate]})

    assert admin.call("GET", at(certificate)).status == 404
    again = admin.post("/certificates", {"content": in_base64(issued), "alias": unused_name()})
    assert again.code == "certificate_exists"


def test_a_deletion_that_an_event_asks_for_takes_key_count_and_thumbprint_along(
    signet: Service, admin: Client, ca: CertificationAuthority
) -> None:
    issued, certificate = taken_over(admin, ca)
    source = f"com.example.{unused_name()}"
    role = {
        "name": unused_name("role"),
        "permissions": ["certificates:delete", "certificates:view"],
        "users": [f"automation/{source}"],
    }
    admin.good("POST", "/roles", role)
    asked = {
        "id": str(uuid.uuid4()),
        "detail-type": "Certificate Action Requested",
        "source": source,
        "account": "123456789012",
        "time": "2026-11-22T13:00:00Z",
        "region": "us-east-1",
        "resources": [],
        "version": "0",
        "detail": {"action": "delete", "certificates": [certificate], "requested_by": "corp/bob"},
    }

    records = {"Records": [{"messageId": "1", "body": json.dumps(asked)}]}
    assert invoke(signet, "ApplyRequestedActionFunction", records) == {"batchItemFailures": []}

    assert admin.call("GET", at(certificate)).status == 404
    again = admin.post("/certificates", {"content": in_base64(issued), "alias": unused_name()})
    assert again.code == "certificate_exists"


def test_an_event_that_cannot_be_read_is_set_aside_and_announced_by_hand(signet: Service, admin: Client) -> None:
    certificate = admin.import_certificate()["id"]
    (event,) = admin.items(f"/certificates/{certificate}/events")
    record = {
        "eventName": "INSERT",
        "dynamodb": {"SequenceNumber": "1", "Keys": {"pk": {"S": event["id"]}}, "NewImage": {"pk": {"S": event["id"]}}},
    }

    assert invoke(signet, "AnnounceEventsFunction", {"Records": [record]}) == {"batchItemFailures": []}

    by_id = invoke(signet, "RedriveEventsFunction", {})
    assert (by_id["looked_at"], by_id["left"]) == (1, 0)
    span = {"from": event["occurred_at"], "to": "2100-01-01T00:00:00Z"}
    by_time = invoke(signet, "RedriveEventsFunction", span)
    assert by_time["looked_at"] >= 1
    assert by_time["left"] == 0


def test_a_certificate_is_enabled_once_however_often_that_is_asked_for(admin: Client) -> None:
    certificate = admin.import_certificate()["id"]
    admin.good("POST", at(certificate, "disable"))
    key = {"Idempotency-Key": str(uuid.uuid4())}

    answers = [admin.call("POST", at(certificate, "enable"), headers=key) for _ in range(2)]

    assert [answer.json["status"] for answer in answers] == ["enabled", "enabled"]


def test_a_certificate_is_found_by_its_thumbprint_and_by_its_serial_number(admin: Client) -> None:
    one = admin.import_certificate()

    assert [each["id"] for each in admin.items("/certificates", thumbprint=one["thumbprint_sha256"])] == [one["id"]]
    assert [each["id"] for each in admin.items("/certificates", serial_number=one["serial_number"])] == [one["id"]]


def test_links_to_calendars_are_replaced_ended_and_revoked(signet: Service, admin: Client) -> None:
    user = signet.caller(unused_name("user"))
    user.good("POST", "/me/calendar-link")
    user.good("POST", "/me/calendar-link")
    user.good("DELETE", "/me/calendar-link")
    link = user.good("POST", "/me/calendar-link")["id"]

    admin.good("DELETE", f"/calendar-links/{link}")

    assert link not in [each["id"] for each in admin.items("/calendar-links")]


def test_what_is_renamed_gives_its_name_up(admin: Client) -> None:
    certificate = admin.import_certificate()["id"]
    group = {"name": unused_name("group"), "certificate_limit": 5}
    role: dict[str, Any] = {"name": unused_name("role"), "permissions": ["certificates:view"]}
    policy = {
        "name": unused_name("policy"),
        "action": "allow",
        "priority": 10,
        "what": {"certificates": [certificate]},
        "who": {"users": ["local/alice"]},
    }
    for path, body in (("/certificate-groups", group), ("/roles", role), ("/policies", policy)):
        made = admin.good("POST", path, body)
        changes = {"name": unused_name("other"), **({"certificate_limit": 7} if "certificate_limit" in body else {})}
        assert admin.good("PATCH", f"{path}/{made['id']}", changes)["name"] == changes["name"]
        assert admin.good("POST", path, body)["id"] != made["id"]
        admin.good("DELETE", f"{path}/{made['id']}")
