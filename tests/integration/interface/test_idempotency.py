"""Idempotency-Key over HTTP: the same request once, whatever comes between; and never more than the caller may have."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from signet.wiring import wiring
from tests.support.certificates.issued import PASSWORD, PIN, in_base64, issue, unused_name
from tests.support.services.actions import a_group, a_role, request_body
from tests.support.services.in_process import running
from tests.support.services.over_http import Client, Response, Service, assert_refused, at

USER = "repeater"
OWNER = f"local/{USER}"
SIGN = {"message": "AAAA", "message_type": "RAW", "signing_algorithm": "ECDSA_SHA_256"}


@pytest.fixture(scope="module")
def alice(signet: Service) -> Client:
    """Somebody whom no role and no policy of another test names: what is refused to those is recorded."""
    return signet.caller(USER)


@pytest.fixture
def mine(admin: Client) -> dict[str, Any]:
    """A certificate of alice's."""
    return admin.import_certificate(owner=OWNER)


@pytest.fixture
def key() -> str:
    """A key not used before."""
    return unused_name("key")


def sign(client: Client, certificate: str, key: str | None, **more: Any) -> Response:
    return client.post(at(certificate, "sign"), {**SIGN, **more}, key=key)


def count(client: Client, certificate: str) -> int:
    return int(client.good("GET", at(certificate))["usage_count"])


def test_a_repeat_answers_the_same_signature_and_counts_once(
    signet: Service, alice: Client, mine: dict[str, Any], key: str
) -> None:
    first = sign(alice, mine["id"], key)
    with signet.nothing_stored():
        again = [sign(alice, mine["id"], key) for _ in range(3)]

    assert {one.body for one in again} == {first.body}
    assert {one.status for one in again} == {200}
    assert count(alice, mine["id"]) == 1


def test_without_a_key_each_is_a_use_of_its_own(alice: Client, mine: dict[str, Any]) -> None:
    assert len({sign(alice, mine["id"], None).json["event_id"] for _ in range(3)}) == 3
    assert count(alice, mine["id"]) == 3


def test_the_same_body_written_in_another_way_is_the_same(alice: Client, mine: dict[str, Any], key: str) -> None:
    first = sign(alice, mine["id"], key)
    reordered = json.dumps(dict(reversed(SIGN.items())), indent=3).encode()

    again = alice.post(at(mine["id"], "sign"), reordered, key=key)

    assert again.body == first.body


@pytest.mark.one_in(3)
@pytest.mark.parametrize(
    "other",
    [
        {"message": "AAAB"},
        {"signing_algorithm": "ECDSA_SHA_384"},
        {"reason": "other"},
        {"application": {"process": "other"}},
        {"dry_run": True},
    ],
    ids=lambda other: next(iter(other)),
)
def test_another_body_with_the_key_is_refused(
    other: dict[str, Any], signet: Service, alice: Client, mine: dict[str, Any], key: str
) -> None:
    sign(alice, mine["id"], key)

    with signet.nothing_stored():
        refused = sign(alice, mine["id"], key, **other)

    assert_refused(refused, 422, "idempotency_key_reused")


def test_another_certificate_or_action_with_the_key_is_refused(
    signet: Service, admin: Client, alice: Client, mine: dict[str, Any], key: str
) -> None:
    another = admin.import_certificate(owner=OWNER)
    sign(alice, mine["id"], key)
    admin.good("POST", at(mine["id"], "disable"), headers={"Idempotency-Key": key})

    with signet.nothing_stored():
        assert_refused(sign(alice, another["id"], key), 422, "idempotency_key_reused")
        assert_refused(admin.post(at(mine["id"], "enable"), key=key), 422, "idempotency_key_reused")
        assert_refused(admin.post(at(another["id"], "disable"), key=key), 422, "idempotency_key_reused")


def test_a_key_belongs_to_its_caller(
    signet: Service, admin: Client, alice: Client, mine: dict[str, Any], key: str
) -> None:
    first = sign(alice, mine["id"], key)
    admin.good("PATCH", at(mine["id"]), {"owner": "local/bob"})
    bob = signet.caller("bob")

    second = sign(bob, mine["id"], key)
    other_body = sign(signet.caller("bob"), mine["id"], key, message="AAAB")

    assert second.status == 200
    assert second.json["event_id"] != first.json["event_id"]
    assert_refused(other_body, 422, "idempotency_key_reused")


def test_a_refusal_is_not_kept(admin: Client, alice: Client, mine: dict[str, Any], key: str) -> None:
    admin.good("POST", at(mine["id"], "disable"))
    assert_refused(sign(alice, mine["id"], key), 403, "certificate_disabled")
    assert_refused(sign(alice, mine["id"], key, signing_algorithm="ED25519_SHA_512"), 422, "algorithm_mismatch")
    admin.good("POST", at(mine["id"], "enable"))
    assert_refused(sign(alice, mine["id"], key, signing_algorithm="ED25519_SHA_512"), 422, "algorithm_mismatch")

    assert sign(alice, mine["id"], key).status == 200


def test_a_signature_is_not_given_again_after_a_disable(
    signet: Service, admin: Client, alice: Client, mine: dict[str, Any], key: str
) -> None:
    first = sign(alice, mine["id"], key)

    admin.good("POST", at(mine["id"], "disable"))
    with signet.nothing_stored("certificate_disabled"):
        assert_refused(sign(alice, mine["id"], key), 403, "certificate_disabled")
    admin.good("POST", at(mine["id"], "enable"))
    assert sign(alice, mine["id"], key).body == first.body
    assert count(alice, mine["id"]) == 1


def test_a_signature_is_not_given_again_to_who_lost_it(
    admin: Client, alice: Client, mine: dict[str, Any], key: str
) -> None:
    sign(alice, mine["id"], key)

    admin.good("PATCH", at(mine["id"]), {"owner": "local/bob"})
    assert_refused(sign(alice, mine["id"], key), 404, "not_found")
    admin.delete(at(mine["id"]))
    assert_refused(sign(alice, mine["id"], key), 404, "not_found")


def test_a_repeat_is_about_the_certificate_that_signed_wherever_its_alias_went(
    signet: Service, admin: Client, alice: Client, mine: dict[str, Any], key: str
) -> None:
    alias = mine["alias"]
    first = sign(alice, alias, key)

    admin.good("PATCH", at(mine["id"]), {"alias": unused_name()})
    with signet.nothing_stored():
        assert sign(alice, alias, key).body == first.body
    successor = admin.import_certificate(owner=OWNER, alias=alias)
    with signet.nothing_stored():
        assert sign(alice, alias, key).body == first.body
    admin.good("POST", at(mine["id"], "disable"))
    with signet.nothing_stored("certificate_disabled"):
        assert_refused(sign(alice, alias, key), 403, "certificate_disabled")
    admin.delete(at(mine["id"]))
    with signet.nothing_stored():
        assert_refused(sign(alice, alias, key), 404, "not_found")
    assert sign(alice, alias, None).json["certificate_id"] == successor["id"]


def test_a_repeat_needs_the_pin_and_the_reason_too(admin: Client, alice: Client, key: str) -> None:
    guarded = admin.import_certificate(owner=OWNER, pin="2468")["id"]
    first = sign(alice, guarded, key, pin="2468")

    assert_refused(sign(alice, guarded, key, pin="0000"), 403, "pin_wrong")
    assert_refused(sign(alice, guarded, key), 403, "pin_required")
    assert sign(alice, guarded, key, pin="2468").body == first.body
    admin.good("PATCH", at(guarded), {"pin": "1357"})
    assert_refused(sign(alice, guarded, key, pin="2468"), 403, "pin_wrong")
    assert sign(alice, guarded, key, pin="1357").body == first.body


def test_of_eight_at_once_one_signs_and_all_get_its_answer(alice: Client, mine: dict[str, Any], key: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: sign(alice, mine["id"], key), range(8)))

    assert {one.status for one in answers} == {200}
    assert len({one.body for one in answers}) == 1
    assert count(alice, mine["id"]) == 1


def test_of_eight_imports_at_once_one_acts_and_all_get_its_answer(admin: Client, key: str) -> None:
    body = issue().body(alias=unused_name())

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: admin.post("/certificates", body, key=key), range(8)))

    assert {one.status for one in answers} == {201}
    assert len({one.body for one in answers}) == 1
    assert {one.headers["etag"] for one in answers} == {'"1"'}


def test_of_two_bodies_at_once_with_a_key_one_acts(admin: Client, key: str) -> None:
    bodies = [issue().body(alias=unused_name()) for _ in range(6)]

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda body: admin.post("/certificates", body, key=key), bodies))

    assert sorted(one.status for one in answers) == [201] + [422] * 5
    assert {one.code for one in answers} == {None, "idempotency_key_reused"}
    assert sum(admin.get(at(body["alias"])).status == 200 for body in bodies) == 1


def test_an_import_again_is_the_same_import(signet: Service, admin: Client, key: str) -> None:
    issued = issue()
    body = {"content": in_base64(issued.pkcs12()), "password": PASSWORD, "alias": unused_name(), "pin": "2468"}
    first = admin.post("/certificates", body, key=key)

    with signet.nothing_stored():
        again = admin.post("/certificates", body, key=key)
        other = admin.post("/certificates", {**body, "alias": unused_name()}, key=key)

    assert (first.status, again.status, again.body) == (201, 201, first.body)
    assert again.headers["etag"] == first.headers["etag"]
    assert_refused(other, 422, "idempotency_key_reused")


@pytest.mark.one_in(5)
@pytest.mark.parametrize(
    "other",
    [{"pin": "2469"}, {"pin": None}, {"password": "another"}, {"private_key": "a key"}, {"private_key_password": "x"}],
    ids=lambda other: next(iter(other)),
)
def test_an_import_again_with_another_secret_is_refused(
    other: dict[str, Any], signet: Service, admin: Client, key: str
) -> None:
    body = {"content": in_base64(issue().pkcs12()), "password": PASSWORD, "alias": unused_name(), "pin": PIN}
    first = admin.post("/certificates", body, key=key)

    with signet.nothing_stored():
        refused = admin.post("/certificates", {**body, **other}, key=key)
        again = admin.post("/certificates", body, key=key)

    assert_refused(refused, 422, "idempotency_key_reused")
    assert again.body == first.body
    stored = [item for item in signet.stored()["IdempotencyTable"] if "scrypt$" in item]
    assert not any(secret in item for item in stored for secret in (PIN, PASSWORD))


def test_a_request_again_with_another_pin_or_with_one_more_is_refused(signet: Service, admin: Client, key: str) -> None:
    guarded = {"key_algorithm": "ECC_NIST_P256", "subject": {"common_name": "a"}, "alias": unused_name(), "pin": "2468"}
    plain = {name: value for name, value in guarded.items() if name != "pin"} | {"alias": unused_name()}
    first = admin.post("/signing-requests", guarded, key=key)
    second = admin.post("/signing-requests", plain, key=key + "2")

    with signet.nothing_stored():
        for body, which in (({**guarded, "pin": "2469"}, key), ({**plain, "pin": "2468"}, key + "2")):
            assert_refused(admin.post("/signing-requests", body, key=which), 422, "idempotency_key_reused")
        assert admin.post("/signing-requests", guarded, key=key).body == first.body
        assert admin.post("/signing-requests", plain, key=key + "2").body == second.body


def test_whether_the_secret_is_another_is_told_only_to_who_may_do_it(signet: Service, key: str) -> None:
    body = issue().body(alias=unused_name(), pin="2468")
    assert signet.caller("leaving", "administrators").post("/certificates", body, key=key).status == 201

    for pin in ("2468", "9999"):
        refused = signet.caller("leaving").post("/certificates", {**body, "pin": pin}, key=key)
        assert_refused(refused, 403, "not_allowed")


def test_what_was_made_is_told_again_to_nobody_who_does_not_see_it_any_more(
    signet: Service, admin: Client, key: str
) -> None:
    groups = [a_group(admin) for _ in range(2)]
    carol = signet.caller(unused_name("carol").replace(" ", "-"))
    role = a_role(admin, carol, groups=groups)
    what = {"groups": groups[:1]}
    who = {"users": ["local/somebody"]}
    made = admin.import_certificate(groups=groups[:1])["id"]
    posts: dict[str, Any] = {
        "/certificates": issue().body(alias=unused_name(), groups=groups[:1]),
        "/signing-requests": request_body(alias=unused_name(), groups=groups[:1]),
        "/policies": {"name": unused_name("policy"), "action": "allow", "what": what, "who": who},
        at(made, "renew"): {},
        at(made, "disable"): {},
    }
    first = {path: carol.post(path, body, key=key + path) for path, body in posts.items()}
    assert {path: carol.post(path, body, key=key + path).body for path, body in posts.items()} == {
        path: answer.body for path, answer in first.items()
    }

    scope = [{"group": groups[1], "rights": ["add", "remove", "assign"]}]
    admin.good("PATCH", f"/roles/{role['id']}", {"certificate_groups": scope})

    again = {path: carol.post(path, body, key=key + path) for path, body in posts.items()}
    assert {path: answer.status for path, answer in again.items() if answer.status not in (404, 422)} == {}
    assert not any(first[path].json["id"] in answer.body.decode() for path, answer in again.items())


def test_what_is_gone_is_not_told_again(admin: Client, key: str) -> None:
    body = issue().body(alias=unused_name())
    made = admin.post("/certificates", body, key=key).json
    admin.delete(at(made["id"]))
    assert_refused(admin.post("/certificates", body, key=key), 404, "not_found")

    group = {"name": unused_name("group")}
    there = admin.post("/certificate-groups", group, key=key + "2").json
    admin.delete(f"/certificate-groups/{there['id']}")
    assert_refused(admin.post("/certificate-groups", group, key=key + "2"), 404, "not_found")


def test_a_bulk_action_again_fails_for_what_the_caller_may_not_any_more_and_does_nothing(
    signet: Service, admin: Client, key: str
) -> None:
    groups = [a_group(admin) for _ in range(2)]
    dave = signet.caller(unused_name("dave").replace(" ", "-"))
    role = a_role(admin, dave, groups=groups)
    certificates = [admin.import_certificate(groups=[group])["id"] for group in groups]
    body = {"action": "disable", "certificates": [*certificates, "nobody's"]}
    first = dave.post("/certificates/actions", body, key=key)
    for certificate in certificates:
        admin.good("POST", at(certificate, "enable"))
    assert dave.post("/certificates/actions", body, key=key).body == first.body

    scope = [{"group": groups[1], "rights": []}]
    admin.good("PATCH", f"/roles/{role['id']}", {"certificate_groups": scope})
    again = dave.post("/certificates/actions", body, key=key).json["results"]

    assert [one["outcome"] for one in again] == ["failed", "unchanged", "failed"]
    assert {admin.good("GET", at(certificate))["status"] for certificate in certificates} == {"enabled"}


# --- for a day, and no longer --------------------------------------------------------------------------------------


class LaterClock:
    """Tells a time so much later."""

    def __init__(self, later: timedelta) -> None:
        self.later = later

    def now(self) -> datetime:
        return datetime.now(UTC) + self.later


@pytest.mark.clock
@pytest.mark.parametrize(("later", "kept"), [(timedelta(hours=23, minutes=59), True), (timedelta(days=1), False)])
def test_an_answer_is_kept_for_24_hours_and_read_no_later(later: timedelta, kept: bool) -> None:
    with running() as signet:
        certificate = signet.admin.import_certificate(owner=OWNER)["id"]
        alice = signet.caller(USER)
        first = sign(alice, certificate, "a key")

        signet.forget()
        wiring().__dict__["clock"] = LaterClock(later)
        second = sign(alice, certificate, "a key")

        assert second.status == 200
        assert (second.body == first.body) is kept
        assert count(alice, certificate) == (1 if kept else 2)


def test_an_import_that_failed_may_come_again_with_its_key(signet: Service, admin: Client, key: str) -> None:
    body = {"content": in_base64(issue().pkcs12()), "alias": unused_name()}

    with signet.nothing_stored():
        assert_refused(admin.post("/certificates", body, key=key), 422, "password_required")
        assert_refused(admin.post("/certificates", {**body, "password": "x"}, key=key), 422, "wrong_password")

    assert admin.post("/certificates", {**body, "password": PASSWORD}, key=key).status == 201


def test_a_repeat_of_an_import_is_for_who_may_import(signet: Service, key: str) -> None:
    body = issue().body(alias=unused_name())
    assert signet.caller("passing", "administrators").post("/certificates", body, key=key).status == 201

    refused = signet.caller("passing").post("/certificates", body, key=key)

    assert_refused(refused, 403, "not_allowed")


def test_a_switch_again_answers_as_it_did_then(admin: Client, mine: dict[str, Any], key: str) -> None:
    disabled = admin.post(at(mine["id"], "disable"), key=key)
    admin.good("POST", at(mine["id"], "enable"))

    again = admin.post(at(mine["id"], "disable"), key=key)

    assert (again.status, again.body) == (200, disabled.body)
    assert admin.good("GET", at(mine["id"]))["status"] == "enabled"


def test_a_dry_run_keeps_nothing(signet: Service, alice: Client, mine: dict[str, Any], key: str) -> None:
    with signet.nothing_stored():
        assert sign(alice, mine["id"], key, dry_run=True).status == 200

    assert "signature" in sign(alice, mine["id"], key).json


@pytest.mark.one_in(2)
@pytest.mark.parametrize("bad", ["", "x" * 256, "a\tb", "caf\u00e9\u0085"], ids=ascii)
def test_a_key_is_1_to_255_printable_characters(bad: str, signet: Service, alice: Client, mine: dict[str, Any]) -> None:
    with signet.nothing_stored():
        refused = alice.post(at(mine["id"], "sign"), SIGN, headers={"Idempotency-Key": bad.encode().decode("latin-1")})

    assert_refused(refused, 422, "invalid_input", "Idempotency-Key")


def test_a_key_of_255_characters_is_one(alice: Client, mine: dict[str, Any]) -> None:
    long = unused_name().ljust(255, "x")

    assert sign(alice, mine["id"], long).body == sign(alice, mine["id"], long).body


def test_a_key_with_another_method_means_nothing(admin: Client, mine: dict[str, Any], key: str) -> None:
    for text in ("one", "two"):
        changed = admin.call("PATCH", at(mine["id"]), {"description": text}, headers={"Idempotency-Key": key})
        assert changed.json["description"] == text
