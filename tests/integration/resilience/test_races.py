"""Many callers at once, over HTTP: everybody gets the answer they would have got alone, and the tables add up."""

from __future__ import annotations

import base64
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

import pytest
from botocore.awsrequest import AWSResponse
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from local.stack import start
from tests.support.certificates.certification_authority import CertificationAuthority
from tests.support.certificates.issued import issue, unused_name
from tests.support.checks.invariants import violations
from tests.support.services.access_seeds import stored_group
from tests.support.services.actions import a_group, a_policy, answer, ask, below, renew, sign
from tests.support.services.in_process import Fault, InProcess, Send, answered, running
from tests.support.services.over_http import ADMINISTRATORS, ANSWER_TIMEOUT_SECONDS, Client, Response, Service, at

T = TypeVar("T")

MESSAGE = b"sign this"
ORDER = {
    "message": base64.b64encode(MESSAGE).decode(),
    "message_type": "RAW",
    "signing_algorithm": "ECDSA_SHA_256",
}


@pytest.fixture(scope="module")
def signet() -> Iterator[Service]:
    """A service with more functions at work than there are processors."""
    printed: list[str] = []
    with start(workers=12, log=printed.append) as stack:
        yield Service(stack, printed)


@pytest.fixture(scope="module")
def admin(signet: Service) -> Client:
    return signet.caller("admin", ADMINISTRATORS).patient()


@pytest.fixture(scope="module")
def alice(signet: Service) -> Client:
    return signet.caller("alice").patient()


@pytest.fixture(autouse=True)
def everything_fits(request: pytest.FixtureRequest) -> Iterator[None]:
    """After each test, all tables fit together."""
    yield
    if "signet" in request.fixturenames:
        service: Service = request.getfixturevalue("signet")
        client = service.stack.client("dynamodb")
        tables = {
            name: [
                item
                for page in client.get_paginator("scan").paginate(TableName=service.stack.resources.attribute(name))
                for item in page["Items"]
            ]
            for name in service.stack.template.of_type("AWS::DynamoDB::Table")
        }
        assert not violations(tables)


def at_once(count: int, request: Callable[[int], T]) -> list[T]:
    """What `count` threads get that begin together."""
    together = threading.Barrier(count)

    def begin(number: int) -> T:
        together.wait()
        return request(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(begin, range(count)))


def codes(responses: Sequence[Response]) -> Counter[tuple[int, str | None]]:
    return Counter((int(response.status), response.code) for response in responses)


@pytest.mark.soak
def test_64_callers_on_one_certificate_all_succeed_and_are_all_counted(admin: Client, alice: Client) -> None:
    issued = issue()
    made = admin.import_certificate(issued, owner="local/alice")

    responses = at_once(64, lambda _: alice.post(at(made["alias"], "sign"), ORDER))

    assert codes(responses) == {(200, None): 64}
    key = issued.key.public_key()
    for response in responses:
        key.verify(base64.b64decode(response.json["signature"]), MESSAGE, ec.ECDSA(hashes.SHA256()))
    seen = admin.good("GET", at(made["id"]))
    assert seen["usage_count"] == 64
    events = admin.items(at(made["id"], "events"), type="Certificate Used", limit=200)
    assert len(events) == 64
    assert {event["id"] for event in events} == {response.json["event_id"] for response in responses}
    newest = max(datetime.fromisoformat(event["occurred_at"]) for event in events)
    assert abs(datetime.fromisoformat(seen["last_used_at"]) - newest) <= timedelta(seconds=1)


def test_of_20_who_want_one_alias_one_gets_it(admin: Client) -> None:
    alias, files = unused_name("wanted"), [issue() for _ in range(20)]

    responses = at_once(20, lambda number: admin.post("/certificates", files[number].body(alias=alias)))

    assert codes(responses) == {(201, None): 1, (409, "alias_taken"): 19}
    winner = next(response.json for response in responses if response.status == 201)
    assert admin.good("GET", at(alias))["id"] == winner["id"]


def test_of_20_who_bring_the_same_file_one_brings_it_in(admin: Client) -> None:
    issued = issue()

    responses = at_once(20, lambda number: admin.post("/certificates", issued.body(alias=unused_name("same"))))

    assert codes(responses) == {(201, None): 1, (409, "certificate_exists"): 19}
    winner = next(response.json["id"] for response in responses if response.status == 201)
    assert {response.json["certificate_id"] for response in responses if response.status == 409} == {winner}


def test_of_20_who_bring_the_key_later_one_does(admin: Client) -> None:
    issued = issue()
    body = issued.body()
    alias = unused_name("public")
    admin.good("POST", "/certificates", {**body, "content": base64.b64encode(issued.pem).decode(), "alias": alias})

    responses = at_once(20, lambda _: admin.post("/certificates", body))

    assert codes(responses) == {(200, None): 1, (409, "certificate_exists"): 19}


def test_of_20_wrong_pins_at_once_five_are_tried(admin: Client, alice: Client) -> None:
    made = admin.import_certificate(owner="local/alice", pin="2468")
    sign = at(made["id"], "sign")

    responses = at_once(20, lambda number: alice.post(sign, {**ORDER, "pin": f"wrong {number}"}))

    assert codes(responses) == {(403, "pin_wrong"): 5, (429, "pin_locked"): 15}
    assert all(0 < int(one.headers["retry-after"]) <= 15 * 60 for one in responses if one.status == 429)
    assert alice.post(sign, {**ORDER, "pin": "2468"}).code == "pin_locked"
    refused = Counter(event["code"] for event in admin.items(at(made["id"], "events"), outcome="refused"))
    assert refused == {"pin_wrong": 5, "pin_locked": 16}


def test_right_pins_among_four_wrong_ones_are_all_taken_and_start_the_count_again(admin: Client, alice: Client) -> None:
    made = admin.import_certificate(owner="local/alice", pin="2468")
    sign = at(made["id"], "sign")

    told = codes(at_once(8, lambda number: alice.post(sign, {**ORDER, "pin": ("2468", "1357")[number % 2]})))

    assert told == {(200, None): 4, (403, "pin_wrong"): 4}
    assert alice.post(sign, {**ORDER, "pin": "2468"}).status == 200
    # Whatever was left of the count, the right one has ended it: four more do not lock, the fifth does.
    codes_after = [alice.post(sign, {**ORDER, "pin": "1357"}).code for _ in range(6)]
    assert codes_after == ["pin_wrong"] * 5 + ["pin_locked"]
    assert admin.good("GET", at(made["id"]))["usage_count"] == 5


def test_a_right_pin_among_too_many_wrong_ones_is_taken_or_waits_for_the_end_of_the_lock(
    admin: Client, alice: Client
) -> None:
    made = admin.import_certificate(owner="local/alice", pin="2468")
    sign = at(made["id"], "sign")

    responses = at_once(16, lambda number: alice.post(sign, {**ORDER, "pin": "2468" if number % 8 == 0 else "1357"}))

    told = codes(responses)
    taken, wrong, locked = told[200, None], told[403, "pin_wrong"], told[429, "pin_locked"]
    # Of 14 wrong ones four can stand before each right one, so with two the count comes to five, which locks.
    assert taken + wrong + locked == 16
    assert 5 <= wrong <= 4 * taken + 5
    assert all(0 < int(one.headers["retry-after"]) <= 15 * 60 for one in responses if one.status == 429)
    seen = admin.good("GET", at(made["id"]))
    assert (seen["usage_count"], seen["pin_locked_until"] is not None) == (taken, True)
    assert codes(at_once(4, lambda number: alice.post(sign, {**ORDER, "pin": "2468"}))) == {(429, "pin_locked"): 4}


# --- nothing succeeds that began after the answer --------------------------------------------------------------------


class Sent(NamedTuple):
    begun: float
    response: Response


def until(come: Callable[[], bool]) -> None:
    end = time.monotonic() + ANSWER_TIMEOUT_SECONDS
    while not come():
        assert time.monotonic() < end
        time.sleep(0.02)


def signing_meanwhile(sign: Callable[[], Response], change: Callable[[], Any]) -> tuple[float, list[Sent]]:
    """When `change` was answered, and all that six callers sent who signed before, during and after it."""
    over, sent = threading.Event(), list[Sent]()

    def go_on() -> None:
        while not over.is_set():
            begun = time.monotonic()
            sent.append(Sent(begun, sign()))

    with ThreadPoolExecutor(6) as pool:
        for _ in range(6):
            pool.submit(go_on)
        until(lambda: any(one.response.status == 200 for one in sent))
        change()
        answered_at = time.monotonic()
        until(lambda: sum(one.begun > answered_at for one in sent) >= 6)
        over.set()
    return answered_at, sent


def obeyed(answered_at: float, sent: list[Sent], *codes_after: str) -> None:
    later = [one.response for one in sent if one.begun > answered_at]
    assert {response.code for response in later} <= set(codes_after), later
    assert {one.response.code for one in sent} <= {None, *codes_after}


@pytest.mark.soak
def test_a_disable_is_obeyed_by_all_that_begins_after_its_answer(admin: Client, alice: Client) -> None:
    made = admin.import_certificate(owner="local/alice")
    for _ in range(3):
        answered_at, sent = signing_meanwhile(
            lambda: alice.post(at(made["alias"], "sign"), ORDER),
            lambda: admin.good("POST", at(made["id"], "disable")),
        )
        obeyed(answered_at, sent, "certificate_disabled")
        admin.good("POST", at(made["id"], "enable"))


def test_a_delete_is_obeyed_by_all_that_begins_after_its_answer(admin: Client, alice: Client) -> None:
    made = admin.import_certificate(owner="local/alice")
    answered_at, sent = signing_meanwhile(
        lambda: alice.post(at(made["alias"], "sign"), ORDER), lambda: admin.good("DELETE", at(made["id"]))
    )
    obeyed(answered_at, sent, "not_found")


@pytest.mark.soak
def test_a_new_pin_is_obeyed_by_all_that_begins_after_its_answer(admin: Client, alice: Client) -> None:
    made = admin.import_certificate(owner="local/alice", pin="2468")
    answered_at, sent = signing_meanwhile(
        lambda: alice.post(at(made["alias"], "sign"), {**ORDER, "pin": "2468"}),
        lambda: admin.good("PATCH", at(made["id"]), {"pin": "another"}),
    )
    obeyed(answered_at, sent, "pin_wrong", "pin_locked")


def test_a_new_owner_is_obeyed_by_all_that_begins_after_its_answer(admin: Client, alice: Client) -> None:
    made = admin.import_certificate(owner="local/alice")
    answered_at, sent = signing_meanwhile(
        lambda: alice.post(at(made["alias"], "sign"), ORDER),
        lambda: admin.good("PATCH", at(made["id"]), {"owner": "local/bob"}),
    )
    obeyed(answered_at, sent, "not_found")


def test_a_policys_deletion_is_obeyed_by_all_that_begins_after_its_answer(
    signet: Service, admin: Client, alice: Client
) -> None:
    made = admin.import_certificate()
    policies = [a_policy(admin, alice, certificates=[made["id"]], priority=priority) for priority in (1, 2)]
    answered_at, sent = signing_meanwhile(
        lambda: sign(alice, made["alias"]), lambda: [admin.good("DELETE", f"/policies/{one['id']}") for one in policies]
    )
    obeyed(answered_at, sent, "not_found")


def test_a_new_denial_is_obeyed_by_all_that_begins_after_its_answer(admin: Client, alice: Client) -> None:
    made = admin.import_certificate()
    a_policy(admin, alice, certificates=[made["id"]], priority=5)
    answered_at, sent = signing_meanwhile(
        lambda: sign(alice, made["alias"]),
        lambda: a_policy(admin, alice, certificates=[made["id"]], priority=5, action="deny"),
    )
    obeyed(answered_at, sent, "not_allowed_by_policy")


# --- what there is one of -----------------------------------------------------------------------------------------


def test_of_10_who_renew_one_certificate_one_does(admin: Client) -> None:
    made = admin.import_certificate()

    responses = at_once(10, lambda _: admin.post(at(made["id"], "renew"), {}))

    assert codes(responses) == {(201, None): 1, (409, "renewal_pending"): 9}
    winner = next(response.json["id"] for response in responses if response.status == 201)
    assert admin.good("GET", at(made["id"]))["pending_request"] == winner


@pytest.mark.parametrize("renewal", [False, True])
def test_of_10_who_import_against_one_request_one_does(
    admin: Client, ca: CertificationAuthority, renewal: bool
) -> None:
    request = renew(admin, admin.import_certificate()["id"]) if renewal else ask(admin)
    pem = ca.issue(request["csr"])

    responses = at_once(10, lambda _: answer(admin, request, pem))

    assert codes(responses) == {(201, None): 1, (409, "request_not_pending"): 9}
    winner = next(response.json for response in responses if response.status == 201)
    assert admin.good("GET", below(request))["certificate_id"] == winner["id"]


def test_of_10_who_bring_answers_of_their_own_one_completes_the_request_and_the_last_one_stays(
    admin: Client, ca: CertificationAuthority
) -> None:
    request = ask(admin)
    files = [ca.issue(request["csr"]) for _ in range(10)]

    responses = at_once(10, lambda number: answer(admin, request, files[number]))

    # Who begins when it is completed corrects it; who was overtaken on the way is told so.
    told = codes(responses)
    assert told[(201, None)] == 1
    assert set(told) <= {(201, None), (200, None), (409, "request_not_pending")}
    done = [response.json for response in responses if response.status < 300]
    kept = admin.good("GET", at(done[0]["id"]))
    assert kept["version"] == len(done)
    assert kept["thumbprint_sha256"] == max(done, key=lambda one: one["version"])["thumbprint_sha256"]


def test_import_and_cancellation_at_once_are_one_or_the_other(admin: Client, ca: CertificationAuthority) -> None:
    for _ in range(3):
        request = ask(admin)
        pem = ca.issue(request["csr"])
        responses = at_once(
            6,
            lambda n, pem=pem, request=request: answer(admin, request, pem) if n % 2 else admin.delete(below(request)),  # type: ignore[misc]
        )
        done = [response.status for response in responses if response.status < 300]
        assert len(done) == 1, codes(responses)
        assert admin.good("GET", below(request))["status"] == ("completed" if done == [201] else "cancelled")


def test_a_request_and_an_ordinary_import_fight_over_one_alias(admin: Client) -> None:
    alias = unused_name("wanted")
    files = [issue() for _ in range(10)]

    def request(number: int) -> Response:
        if number % 2:
            return admin.post("/certificates", files[number].body(alias=alias))
        body = {"key_algorithm": "ECC_NIST_P256", "subject": {"common_name": "x"}, "alias": alias}
        return admin.post("/signing-requests", body)

    assert codes(at_once(10, request)) == {(201, None): 1, (409, "alias_taken"): 9}


def until_told(act: Callable[[], Response]) -> Response:
    """What the action on one certificate came to, asked again while others were in its way."""
    response = act()
    for _ in range(30):
        results = response.json.get("results", [])
        if not any(one.get("problem", {}).get("code") in {"busy", "unavailable"} for one in results):
            break
        response = act()
    return response


@pytest.mark.soak
def test_of_30_adds_to_a_group_with_3_places_left_3_are_done(admin: Client) -> None:
    group = a_group(admin, certificate_limit=5)
    for _ in range(2):
        admin.import_certificate(groups=[group])
    certificates = [admin.import_certificate()["id"] for _ in range(30)]

    def add(number: int) -> Response:
        body = {"action": "add_to_groups", "certificates": [certificates[number]], "groups": [group]}
        return admin.post("/certificates/actions", body)

    results = [response.json["results"][0] for response in at_once(30, lambda number: until_told(lambda: add(number)))]

    assert Counter((one["outcome"], one.get("problem", {}).get("code")) for one in results) == {
        ("done", None): 3,
        ("failed", "group_full"): 27,
    }
    assert admin.good("GET", f"/certificate-groups/{group}")["certificate_count"] == 5


@pytest.mark.soak
def test_a_limit_that_is_lowered_while_certificates_come_is_never_exceeded(admin: Client) -> None:
    group = a_group(admin, certificate_limit=20)
    certificates = [admin.import_certificate()["id"] for _ in range(12)]

    def request(number: int) -> Response:
        if number >= 12:
            return admin.patch(f"/certificate-groups/{group}", {"certificate_limit": 4})
        body = {"action": "add_to_groups", "certificates": [certificates[number]], "groups": [group]}
        return admin.post("/certificates/actions", body)

    responses = at_once(14, lambda number: until_told(lambda: request(number)))
    assert {response.status for response in responses} <= {200, 409}
    seen = admin.good("GET", f"/certificate-groups/{group}")
    assert seen["certificate_count"] <= seen["certificate_limit"]


def test_of_10_bulk_actions_with_one_idempotency_key_one_acts_and_all_get_its_answer(admin: Client) -> None:
    certificates = [admin.import_certificate()["id"] for _ in range(5)]
    body = {"action": "disable", "certificates": certificates}

    responses = at_once(10, lambda _: admin.post("/certificates/actions", body, key="in bulk"))

    assert codes(responses) == {(200, None): 10}
    assert len({response.body for response in responses}) == 1
    assert responses[0].json["summary"] == {"done": 5, "unchanged": 0, "failed": 0}
    for certificate in certificates:
        assert len(admin.items(at(certificate, "events"), type="Certificate Disabled")) == 1


# --- once -------------------------------------------------------------------------------------------------------------


def test_of_20_with_one_idempotency_key_one_signs_and_all_get_its_answer(admin: Client, alice: Client) -> None:
    made = admin.import_certificate(owner="local/alice")

    responses = at_once(20, lambda _: alice.post(at(made["id"], "sign"), ORDER, key="the one"))

    assert codes(responses) == {(200, None): 20}
    assert len({response.body for response in responses}) == 1
    assert admin.good("GET", at(made["id"]))["usage_count"] == 1


def test_of_20_with_one_idempotency_key_one_imports_and_all_get_its_answer(admin: Client) -> None:
    body = issue().body(alias=unused_name("once"))

    responses = at_once(20, lambda _: admin.post("/certificates", body, key="the import"))

    assert codes(responses) == {(201, None): 20}
    assert len({response.body for response in responses}) == 1


def test_of_20_with_one_idempotency_key_and_different_orders_one_kind_is_done(admin: Client, alice: Client) -> None:
    made = admin.import_certificate(owner="local/alice")
    orders = [{**ORDER, "reason": reason} for reason in ("one", "other")]

    responses = at_once(20, lambda number: alice.post(at(made["id"], "sign"), orders[number % 2], key="shared"))

    assert codes(responses) == {(200, None): 10, (422, "idempotency_key_reused"): 10}
    assert len({response.body for response in responses if response.status == 200}) == 1
    assert admin.good("GET", at(made["id"]))["usage_count"] == 1


def test_the_same_key_of_two_callers_is_two_keys(admin: Client, alice: Client) -> None:
    made = admin.import_certificate(owner="local/alice")
    alice.good("POST", at(made["id"], "sign"), ORDER, headers={"Idempotency-Key": "of alice"})
    assert admin.post(at(made["id"], "sign"), ORDER, key="of alice").code == "not_allowed_by_policy"


def test_of_10_who_change_the_version_they_saw_one_does(admin: Client) -> None:
    made = admin.import_certificate()

    responses = at_once(10, lambda number: admin.patch(at(made["id"]), {"description": f"by {number}"}, if_match='"1"'))

    assert codes(responses) == {(200, None): 1, (412, "stale"): 9}
    assert admin.good("GET", at(made["id"]))["version"] == 2


# --- order ------------------------------------------------------------------------------------------------------------


@pytest.mark.soak
def test_events_sort_as_they_took_effect_whoever_switches_and_signs_at_once(admin: Client, alice: Client) -> None:
    made = admin.import_certificate(owner="local/alice")

    def request(number: int) -> list[Response]:
        if number < 3:
            return [admin.post(at(made["id"], word)) for word in ("disable", "enable") * 6]
        if number < 4:
            return [admin.patch(at(made["id"]), {"description": f"{turn}"}) for turn in range(6)]
        return [alice.post(at(made["id"], "sign"), ORDER) for _ in range(10)]

    responses = [response for many in at_once(10, request) for response in many]

    assert set(codes(responses)) <= {(200, None), (403, "certificate_disabled")}
    # The order itself is looked at by `everything_fits`: versions rise, and nothing is used while disabled.
    events = admin.items(at(made["id"], "events"), limit=200)
    assert [event["id"] for event in events] == sorted((event["id"] for event in events), reverse=True)
    signed = codes(responses[-60:])[200, None]
    assert admin.good("GET", at(made["id"]))["usage_count"] == signed
    assert sum(event["type"] == "Certificate Used" for event in events) == signed


def test_of_20_who_delete_one_certificate_one_does(admin: Client) -> None:
    made = admin.import_certificate()

    responses = at_once(20, lambda _: admin.delete(at(made["id"])))

    assert codes(responses) == {(204, None): 1, (404, "not_found"): 19}


# --- as DynamoDB has it: transactions that meet cancel each other -----------------------------------------------------


@pytest.fixture
def meeting() -> Iterator[InProcess]:
    """The service on a database where a transaction takes 5 ms, and one on an item of another's is cancelled."""
    with running(hurried=False) as signet:
        under_way, lock = Counter[str](), threading.Lock()

        def fault(index: int, name: str) -> Fault | None:
            return transaction if name == "dynamodb:TransactWriteItems" else None

        def transaction(send: Send, asked: Any) -> AWSResponse:
            items = [next(iter(entry.values())) for entry in asked["TransactItems"]]
            keys = [
                str(
                    sorted((item.get("Key") or {k: item["Item"][k] for k in ("pk", "sk") if k in item["Item"]}).items())
                )
                for item in items
            ]
            with lock:
                met = [under_way[key] > 0 for key in keys]
                if not any(met):
                    under_way.update(keys)
            if any(met):
                reasons = [{"Code": "TransactionConflict" if one else "None"} for one in met]
                text = {"__type": "TransactionCanceledException", "message": "", "CancellationReasons": reasons}
                return answered(400, text)
            try:
                time.sleep(0.005)
                return send()
            finally:
                with lock:
                    under_way.subtract(keys)

        with signet.counting(fault):
            yield signet
        assert not violations(signet.items())


@pytest.mark.soak
def test_64_callers_succeed_though_their_transactions_cancel_each_other(meeting: InProcess) -> None:
    made = meeting.admin.import_certificate(owner="local/alice")
    alice = meeting.caller("alice").patient()
    alice.good("POST", at(made["id"], "sign"), ORDER)

    responses = at_once(64, lambda _: alice.post(at(made["id"], "sign"), ORDER))

    assert codes(responses) == {(200, None): 64}
    assert meeting.admin.good("GET", at(made["id"]))["usage_count"] == 65
    assert meeting.calls.names.count("dynamodb:TransactWriteItems") > 70, "no transaction met another"


def test_a_full_group_stays_full_whoever_comes_at_once(meeting: InProcess) -> None:
    meeting.admin.get("/me")
    group = stored_group("Small", 5)
    files = [issue() for _ in range(16)]
    admin = meeting.admin.patient()

    responses = at_once(16, lambda number: admin.post("/certificates", files[number].body(groups=[group])))

    assert codes(responses) == {(201, None): 5, (409, "group_full"): 11}


def test_a_use_that_is_written_late_does_not_become_the_newest(meeting: InProcess) -> None:
    """Two sign at once; the one whose event sorts first is written last. What follows sorts behind both."""
    meeting.admin.import_certificate(alias="mine", owner="local/alice")
    alice = meeting.caller("alice").patient()
    alice.good("POST", at("mine", "sign"), ORDER)

    def late(send: Send, asked: Any) -> AWSResponse:
        with meeting.counting():
            overtaking.append(alice.good("POST", at("mine", "sign"), ORDER))
        return send()

    overtaking: list[Any] = []
    with meeting.counting(lambda index, name: late if name.endswith("WriteItems") and not overtaking else None):
        overtaken = alice.good("POST", at("mine", "sign"), ORDER)
    assert overtaken["event_id"] < overtaking[0]["event_id"]
    seen = meeting.admin.good("GET", at("mine"))
    assert seen["usage_count"] == 3
    assert seen["last_used_at"] == overtaking[0]["used_at"]


@pytest.mark.parametrize("with_key", [True, False])
def test_the_same_file_that_came_in_meanwhile_is_answered_as_if_it_was_there(
    meeting: InProcess, with_key: bool
) -> None:
    issued = issue()
    first = issued.body() if with_key else {"content": base64.b64encode(issued.pem).decode()}
    come: list[Any] = []

    def late(send: Send, asked: Any) -> AWSResponse:
        with meeting.counting():
            come.append(meeting.admin.good("POST", "/certificates", first))
        return send()

    with meeting.counting(lambda index, name: late if name.endswith("WriteItems") and not come else None):
        response = meeting.admin.post("/certificates", issued.body())

    assert response.json.get("certificate_id" if with_key else "id") == come[0]["id"], response
    assert response.code == ("certificate_exists" if with_key else None)


def test_a_change_that_was_overtaken_is_made_again_on_what_is_there(meeting: InProcess) -> None:
    made = meeting.admin.import_certificate()
    overtaking: list[Any] = []

    def late(send: Send, asked: Any) -> AWSResponse:
        with meeting.counting():
            overtaking.append(meeting.admin.good("POST", at(made["id"], "disable")))
        return send()

    with meeting.counting(lambda index, name: late if name.endswith("WriteItems") and not overtaking else None):
        changed = meeting.admin.good("PATCH", at(made["id"]), {"description": "overtaken"})

    assert overtaking[0]["status"] == "disabled"
    assert (changed["status"], changed["description"]) == ("disabled", "overtaken")
    assert changed["version"] == overtaking[0]["version"] + 1
