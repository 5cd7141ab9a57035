"""Of many who change one thing at once, as many succeed as would have one after the other."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable

import pytest

from tests.integration.resilience.races.at_once import MANY, ORDER, at_once, codes
from tests.support.certificates.certification_authority import CertificationAuthority
from tests.support.certificates.issued import issue, unused_name
from tests.support.services.actions import a_group, answer, ask, below, renew
from tests.support.services.over_http import Client, Response, Service, at

ADMINISTRATOR = "/roles/rol_000000000000000000000001"


@MANY
def test_of_many_who_want_one_alias_one_gets_it(admin: Client, many: int) -> None:
    alias, files = unused_name("wanted"), [issue() for _ in range(many)]

    responses = at_once(many, lambda number: admin.post("/certificates", files[number].body(alias=alias)))

    assert codes(responses) == {(201, None): 1, (409, "alias_taken"): many - 1}
    winner = next(response.json for response in responses if response.status == 201)
    assert admin.good("GET", at(alias))["id"] == winner["id"]


@MANY
def test_of_many_who_bring_the_same_file_one_brings_it_in(admin: Client, many: int) -> None:
    issued = issue()

    responses = at_once(many, lambda number: admin.post("/certificates", issued.body(alias=unused_name("same"))))

    assert codes(responses) == {(201, None): 1, (409, "certificate_exists"): many - 1}
    winner = next(response.json["id"] for response in responses if response.status == 201)
    assert {response.json["certificate_id"] for response in responses if response.status == 409} == {winner}


@MANY
def test_of_many_who_bring_the_key_later_one_does(admin: Client, many: int) -> None:
    issued = issue()
    body = issued.body()
    alias = unused_name("public")
    admin.good("POST", "/certificates", {**body, "content": base64.b64encode(issued.pem).decode(), "alias": alias})

    responses = at_once(many, lambda _: admin.post("/certificates", body))

    assert codes(responses) == {(200, None): 1, (409, "certificate_exists"): many - 1}


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


def test_of_two_administrators_who_each_leave_only_themselves_one_stays(signet: Service, admin: Client) -> None:
    both = [signet.caller(unused_name("deputy")) for _ in range(2)]
    admin.good("PATCH", ADMINISTRATOR, {"users": [one.user for one in both]})

    responses = at_once(2, lambda number: both[number].patch(ADMINISTRATOR, {"users": [both[number].user]}))

    assert codes(responses) == {(200, None): 1, (404, "not_found"): 1}
    winner = next(one for one, response in zip(both, responses, strict=True) if response.status == 200)
    assert admin.good("GET", ADMINISTRATOR)["users"] == [winner.user]
    admin.good("PATCH", ADMINISTRATOR, {"users": []})
