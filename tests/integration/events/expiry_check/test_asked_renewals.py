"""The expiry check asks for the renewals that certificates want asked for, once each."""

import contextlib
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography import x509

from tests.integration.events.expiry_check.checking import DAY, NOTHING, KilledError, check, read, told
from tests.support.certificates.issued import in_base64, issue, unused_name
from tests.support.checks.invariants import violations
from tests.support.services.in_process import Fault, InProcess, Send, answered
from tests.support.services.over_http import at

pytestmark = pytest.mark.clock


def due(signet: InProcess, *, days: int = 29, **fields: Any) -> dict[str, Any]:
    """A certificate with its key, that is to be renewed at 30 days."""
    given = {"renew_at_stage": 30, "owner": "local/alice", **fields}
    return signet.admin.import_certificate(issue(days=days), **given)


def requests(signet: InProcess) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = signet.admin.items("/signing-requests")
    return found


def test_a_renewal_is_asked_for_by_its_stage_and_the_csr_announced(signet: InProcess) -> None:
    certificate = due(signet)

    assert check(signet, datetime.now(UTC))["flagged"] == {**NOTHING, "30": 1}

    (request,) = requests(signet)
    assert (request["renews"], request["status"]) == (certificate["id"], "pending")
    after = signet.admin.good("GET", at(certificate["id"]))
    assert after["pending_request"] == request["id"]
    assert after["expiry"]["flagged_stage"] == 30
    assert after["version"] == certificate["version"]
    asked, expiring_ = sorted(read(signet, "EventTable"), key=lambda row: row["pk"])[-2:]
    assert (asked["type"], expiring_["type"]) == ("Signing Request Created", "Certificate Expiring")
    assert json.loads(asked["announcement"])["csr"] == request["csr"]
    assert asked["user"] == "automation/signet"
    assert violations(signet.items()) == []


def test_a_renewed_one_is_left_alone_by_the_next_check(signet: InProcess) -> None:
    certificate = due(signet)
    check(signet, datetime.now(UTC))
    (request,) = requests(signet)
    csr = x509.load_pem_x509_csr(request["csr"].encode())
    answer = issue(public_key=csr.public_key(), days=365)
    path = f"/signing-requests/{request['id']}/certificate"
    new = signet.admin.good("POST", path, {"content": in_base64(answer.pem)})

    assert new["renew_at_stage"] == 30
    assert check(signet, datetime.now(UTC) + 10 * DAY)["looked_at"] == 0
    assert signet.admin.good("GET", at(certificate["id"]))["renewed_by"] == new["id"]


@pytest.mark.parametrize(
    ("renew_at_stage", "days", "asked"),
    [(30, 31, 0), (30, 29, 1), (30, 6, 1), (30, -1, 1), (7, 29, 0), (7, 6, 1), (None, 6, 0)],
)
def test_a_renewal_is_asked_for_at_its_stage_or_a_tighter_one(
    signet: InProcess, renew_at_stage: int | None, days: int, asked: int
) -> None:
    signet.admin.import_certificate(issue(days=days, begins_in_days=-50), renew_at_stage=renew_at_stage)

    check(signet, datetime.now(UTC))
    check(signet, datetime.now(UTC))

    assert len(requests(signet)) == asked


def test_one_whose_renewal_waits_already_is_flagged_and_nothing_is_asked_for(signet: InProcess) -> None:
    certificate = due(signet)
    signet.admin.good("POST", at(certificate["id"], "renew"), {})

    assert check(signet, datetime.now(UTC))["flagged"] == {**NOTHING, "30": 1}
    assert len(requests(signet)) == 1


def test_where_kms_does_not_answer_the_next_check_comes_back_to_it(signet: InProcess) -> None:
    certificate = due(signet)

    def away(index: int, name: str) -> Fault | None:
        no = {"__type": "KMSInternalException", "message": "no"}
        return (lambda send, asked: answered(500, no)) if name == "kms:Encrypt" else None

    with signet.counting(away):
        summary = check(signet, datetime.now(UTC))
    assert (summary["failed"], summary["flagged"]) == (1, NOTHING)
    assert told(signet) == []
    assert check(signet, datetime.now(UTC))["flagged"] == {**NOTHING, "30": 1}
    assert requests(signet)[0]["renews"] == certificate["id"]


def test_where_no_renewal_can_be_made_people_are_told_all_the_same(signet: InProcess) -> None:
    certificate = due(signet)
    signet.client("dynamodb").update_item(
        TableName=signet.tables["CertificateTable"],
        Key={"pk": {"S": certificate["id"]}, "sk": {"S": "x509"}},
        UpdateExpression="SET x509 = :broken",
        ExpressionAttributeValues={":broken": {"B": b"\x30\x00"}},
    )

    summary = check(signet, datetime.now(UTC))

    assert (summary["failed"], summary["flagged"]) == (1, {**NOTHING, "30": 1})
    assert requests(signet) == []


def test_killed_after_each_call_a_renewal_is_asked_for_once(signet: InProcess) -> None:
    due(signet)
    kept = signet.kept()
    for killed_at in range(4):
        signet.put_back(kept)
        signet.forget()

        def kill(index: int, name: str, at: int = killed_at) -> Fault | None:
            def last(send: Send, asked: Any) -> Any:
                if index == at:
                    send()
                raise KilledError

            return last if index >= at else None

        with signet.counting(kill), contextlib.suppress(KilledError):
            check(signet, datetime.now(UTC))
        check(signet, datetime.now(UTC))
        assert len(requests(signet)) == 1
        assert [stage for _, _, stage in told(signet)] == [30]
        assert violations(signet.items()) == []


def test_two_checks_at_once_ask_for_each_renewal_once(signet: InProcess) -> None:
    certificates = {due(signet)["id"] for _ in range(4)}
    now = datetime.now(UTC)

    def until_none_failed() -> list[Any]:
        found = [check(signet, now)]
        while found[-1]["failed"]:
            found.append(check(signet, now))
        return found

    with ThreadPoolExecutor(3) as pool:
        pending = [pool.submit(until_none_failed) for _ in range(3)]
        summaries = [summary for one in pending for summary in one.result()]

    assert sum(summary["flagged"]["30"] for summary in summaries) == 4
    assert sorted(request["renews"] for request in requests(signet)) == sorted(certificates)
    assert Counter(told(signet)) == Counter((each, "Certificate Expiring", 30) for each in certificates)
    assert violations(signet.items()) == []


def test_a_stage_that_the_deployment_has_not_is_refused(signet: InProcess) -> None:
    response = signet.admin.post("/certificates", issue().body(renew_at_stage=31))
    assert (response.status, response.json["errors"][0]["field"]) == (422, "renew_at_stage")
    certificate = signet.admin.import_certificate()
    assert signet.admin.patch(at(certificate["id"]), {"renew_at_stage": 0}).status == 422
    changed = signet.admin.patch(at(certificate["id"]), {"renew_at_stage": 7}).json
    assert (changed["renew_at_stage"], changed["version"]) == (7, 2)
    assert signet.admin.patch(at(certificate["id"]), {"renew_at_stage": None}).json["renew_at_stage"] is None


def test_to_have_renewals_asked_for_needs_the_right_to_ask_for_one(signet: InProcess) -> None:
    body = {"name": unused_name("role"), "permissions": ["certificates:edit"], "users": ["local/eve"]}
    signet.admin.good("POST", "/roles", body)
    certificate = signet.admin.import_certificate()
    eve = signet.caller("eve")

    assert eve.patch(at(certificate["id"]), {"renew_at_stage": 30}).status == 403
    assert eve.patch(at(certificate["id"]), {"renew_at_stage": None}).status == 200
