"""The same import, request or change under the same key is made once, and told again only to who may see it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.certificates.issued import PASSWORD, PIN, in_base64, issue, unused_name
from tests.support.services.actions import a_group, a_role, request_body
from tests.support.services.over_http import Client, Service, assert_refused, at


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
