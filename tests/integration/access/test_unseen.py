"""What somebody may not see does not exist for them: nothing is gained, and nothing is learnt."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.certificates.certification_authority import CertificationAuthority
from tests.support.certificates.issued import in_base64, issue, unused_name
from tests.support.services.actions import (
    EVERY_PERMISSION,
    a_group,
    a_policy,
    a_role,
    answer,
    ask,
    below,
    complete,
    keeps_key,
    renew,
    request_body,
    sign,
    sign_order,
)
from tests.support.services.over_http import Client, Response, Service, assert_refused, at

NOWHERE = "crt_000000000000000000000000"


@pytest.fixture(scope="module")
def here(admin: Client) -> str:
    """The certificate group that the stranger has every right on."""
    return a_group(admin)


@pytest.fixture(scope="module")
def stranger(signet: Service, admin: Client, here: str) -> Client:
    """Somebody who may do everything that a role can permit, in another group than everything else is in."""
    caller = signet.caller("unseen-stranger")
    a_role(admin, caller, groups=[here])
    return caller


def told(response: Response) -> tuple[int, Any]:
    """All that an answer tells."""
    body = response.json if response.body else None
    if isinstance(body, dict):
        body = {name: value for name, value in body.items() if name != "request_id"}
    headers = {
        name: value
        for name, value in response.headers.items()
        if name not in {"date", "apigw-requestid", "x-amzn-requestid", "content-length"}
    }
    return response.status, (headers, body)


# --- the thief -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("renewal", [False, True])
def test_a_thief_whose_own_ca_certifies_a_pending_key_gains_and_learns_nothing(
    signet: Service, admin: Client, stranger: Client, here: str, ca: CertificationAuthority, renewal: bool
) -> None:
    alias = unused_name("wanted")
    group = a_group(admin)
    victim = signet.caller(unused_name("victim").replace(" ", "-"))
    if renewal:
        old = admin.import_certificate(alias=alias, groups=[group], owner=victim.user)
        policy = a_policy(admin, victim, certificates=[old["id"]])
        request = renew(admin, old["id"])
    else:
        policy = None
        request = ask(admin, alias=alias, groups=[group], owner=victim.user)
    forged = ca.certify_key(request["csr"], f"/CN={unused_name('thief')}")
    before = admin.good("GET", below(request))

    path = below(request, "certificate")
    for body in ({"content": in_base64(forged)}, {"content": in_base64(forged), "groups": [here]}):
        nowhere = stranger.post("/signing-requests/req_000000000000000000000000/certificate", body)
        assert told(stranger.post(path, body)) == told(nowhere)
        assert nowhere.status == 404
    assert_refused(stranger.get(below(request)), 404, "not_found")
    assert_refused(stranger.get(below(request, "csr")), 404, "not_found")
    assert_refused(stranger.delete(below(request)), 404, "not_found")

    name = unused_name("stolen")
    stolen = stranger.good("POST", "/certificates", {"content": in_base64(forged), "groups": [here], "alias": name})
    # An import of a certificate whose key nobody waits for looks the same.
    other = stranger.good(
        "POST", "/certificates", {"content": in_base64(issue().pem), "groups": [here], "alias": unused_name("other")}
    )
    assert set(stolen) == set(other)
    same = ("has_private_key", "renews", "renewed_by", "pending_request", "policies", "owner", "status_info", "version")
    assert {field: stolen[field] for field in same} == {field: other[field] for field in same}
    assert (stolen["has_private_key"], stolen["alias"]) == (False, name)
    assert not keeps_key(signet, stolen["id"])
    assert sign(stranger, stolen["id"]).code == "no_private_key"

    assert admin.good("GET", below(request)) == before
    assert keeps_key(signet, request["id"])
    new = complete(admin, ca, request)
    assert new["alias"] == alias
    assert sign(victim, alias).json["certificate_id"] == new["id"]
    assert_refused(sign(stranger, alias), 404, "not_found")
    if policy is not None:
        assert [one["id"] for one in new["policies"]] == [policy["id"]]
    assert admin.good("GET", at(stolen["id"]))["has_private_key"] is False


def test_a_caller_without_any_role_learns_nothing_of_a_request_either(
    admin: Client, mallory: Client, ca: CertificationAuthority
) -> None:
    request = ask(admin)
    content = in_base64(ca.certify_key(request["csr"], "/CN=thief"))
    assert_refused(mallory.post(below(request, "certificate"), {"content": content}), 404, "not_found")
    assert_refused(mallory.post("/certificates", {"content": content}), 403, "not_allowed")
    assert complete(admin, ca, request)["has_private_key"]


# --- owner, policy, disabled ---------------------------------------------------------------------------------------


def ways(signer: Client, certificate: str) -> dict[str, Callable[[], Response]]:
    """Every path on which something is decided about a use."""
    order = sign_order()
    return {
        "sign by id": lambda: signer.post(at(certificate, "sign"), order),
        "dry run": lambda: signer.post(at(certificate, "sign"), {**order, "dry_run": True}),
        "sign with a key of its own": lambda: signer.post(at(certificate, "sign"), order, key=unused_name("key")),
    }


def explained(admin: Client, certificate: str, user: str) -> tuple[bool, str]:
    told = admin.good("POST", "/policies/explain", {"certificate": certificate, "user": user})
    return told["allowed"], told["because"]


def usable(by: Client, certificate: str) -> bool:
    return certificate in {one["id"] for one in by.items("/certificates", usable="true")}


def test_owner_beats_policy_on_every_path(signet: Service, admin: Client) -> None:
    owner = signet.caller(unused_name("owner").replace(" ", "-"))
    made = admin.import_certificate(owner=owner.user)
    a_policy(admin, owner, certificates=[made["id"]], action="deny", priority=0)
    for way, send in ways(owner, made["id"]).items():
        assert send().status == 200, way
    assert explained(admin, made["id"], owner.user) == (True, "owner")
    assert usable(owner, made["id"])
    # Without the ownership the denial holds, and hides nothing that another policy shows.
    admin.good("PATCH", at(made["id"]), {"owner": None})
    assert {send().status for send in ways(owner, made["id"]).values()} == {404}
    a_policy(admin, owner, certificates=[made["id"]], priority=5)
    assert {send().code for send in ways(owner, made["id"]).values()} == {"not_allowed_by_policy"}
    assert explained(admin, made["id"], owner.user) == (False, "not_allowed_by_policy")
    assert not usable(owner, made["id"])


def test_disabled_beats_owner_and_policy_on_every_path(signet: Service, admin: Client) -> None:
    owner, signer = (signet.caller(unused_name(name).replace(" ", "-")) for name in ("owner", "signer"))
    made = admin.import_certificate(owner=owner.user)
    a_policy(admin, signer, certificates=[made["id"]])
    kept = owner.post(at(made["id"], "sign"), sign_order(), key="before")
    assert kept.status == 200
    admin.good("POST", at(made["id"], "disable"))
    for by in (owner, signer):
        assert {send().code for send in ways(by, made["id"]).values()} == {"certificate_disabled"}
        assert explained(admin, made["id"], by.user) == (False, "certificate_disabled")
        assert not usable(by, made["id"])
    # The answer that is kept is not given either.
    assert owner.post(at(made["id"], "sign"), sign_order(), key="before").code == "certificate_disabled"
    admin.good("POST", at(made["id"], "enable"))
    assert owner.post(at(made["id"], "sign"), sign_order(), key="before").json == kept.json


# --- the 404 rule --------------------------------------------------------------------------------------------------


def questions(certificate: str) -> list[tuple[str, str, object]]:
    """Every way to ask about one certificate."""
    bodies: list[tuple[str, str, object]] = [
        ("GET", at(certificate, *rest), None) for rest in ((), ("details",), ("related",), ("download",), ("events",))
    ]
    bodies += [
        ("PATCH", at(certificate), {"description": "mine"}),
        ("PATCH", at(certificate), {"owner": "local/me", "pin": "2468"}),
        ("POST", at(certificate, "enable"), None),
        ("POST", at(certificate, "disable"), None),
        ("POST", at(certificate, "renew"), {}),
        ("POST", at(certificate, "sign"), sign_order()),
        ("POST", at(certificate, "sign"), sign_order(dry_run=True)),
        ("POST", at(certificate, "sign"), sign_order("RSA_2048")),
        ("DELETE", at(certificate), None),
        ("POST", "/policies/explain", {"certificate": certificate, "user": "local/me"}),
    ]
    return bodies


@pytest.fixture(scope="module")
def hidden(admin: Client) -> dict[str, Any]:
    """A certificate in every state that could tell: used, guarded, disabled, waiting for its renewal, in a policy."""
    made = admin.import_certificate(owner="local/alice", groups=[a_group(admin, certificate_limit=1)], pin="2468")
    a_policy(admin, certificates=[made["id"]], who={"users": ["local/somebody"]})
    admin.good("POST", at(made["id"], "renew"), {})
    admin.good("POST", at(made["id"], "disable"))
    seen: dict[str, Any] = admin.good("GET", at(made["id"]))
    return seen


@pytest.mark.parametrize("who", ["mallory", "stranger"])
@pytest.mark.parametrize("by", ["id", "alias"])
def test_every_question_about_an_unseen_certificate_gets_the_answer_of_none(
    signet: Service, who: str, by: str, hidden: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    caller: Client = request.getfixturevalue(who)
    absent = NOWHERE if by == "id" else unused_name("nobody's")
    for (method, path, body), (_, nowhere, other) in zip(questions(hidden[by]), questions(absent), strict=True):
        unseen, none = caller.call(method, path, body), caller.call(method, nowhere, other)
        assert told(unseen) == told(none), (method, path)
        assert none.status == 404, none


def test_lists_counts_and_filters_tell_nothing(
    signet: Service, stranger: Client, here: str, hidden: dict[str, Any]
) -> None:
    group = hidden["groups"][0]["id"]
    assert stranger.items("/certificates", q=hidden["alias"]) == []
    assert stranger.items("/certificates", group=group) == []
    assert stranger.items("/certificates", owner="local/alice") == []
    assert stranger.items("/certificates", renewal="pending") == []
    assert stranger.items("/events", certificate=hidden["id"]) == []
    assert stranger.items("/events", user="local/alice") == []
    # A name that is not seen, and one that nothing has, are one answer, too.
    for path, name, value in (
        ("/events", "certificate", hidden["alias"]),
        ("/certificates", "group", hidden["groups"][0]["name"]),
    ):
        asked: list[dict[str, Any]] = [{name: value}, {name: unused_name("nothing")}]
        hidden_one, no_such = (told(stranger.get(path, **query)) for query in asked)
        assert hidden_one == no_such
        assert_refused(stranger.get(path, **asked[0]), 422, "unknown_reference")
    # An unseen group, and one that was never there, are one answer, too.
    for path in (f"/certificate-groups/{group}",):
        nowhere = "/certificate-groups/grp_000000000000000000000000"
        for method, body in (("GET", None), ("PATCH", {"certificate_limit": 0}), ("DELETE", None)):
            assert told(stranger.call(method, path, body)) == told(stranger.call(method, nowhere, body))
    assert [one["id"] for one in stranger.items("/certificate-groups")] == [here]
    assert stranger.items("/policies") == []
    assert stranger.items("/signing-requests") == []
    # A page is drawn from what the caller sees: no cursor leads behind what is not shown.
    mine = {stranger.import_certificate(groups=[here])["id"] for _ in range(3)}
    for sort, order in itertools.product(("alias", "valid_to", "created_at"), ("asc", "desc")):
        pages = stranger.pages("/certificates", sort=sort, order=order, limit=1)
        assert all(pages)
        assert mine <= {one["id"] for page in pages for one in page}
        assert {one["groups"][0]["id"] for page in pages for one in page} == {here}


def test_references_in_bodies_tell_nothing(
    signet: Service, admin: Client, stranger: Client, here: str, hidden: dict[str, Any]
) -> None:
    group = hidden["groups"][0]["id"]
    policy = {"name": unused_name("policy"), "action": "allow", "who": {"users": ["local/me"]}}
    pairs: list[tuple[str, Callable[[str, str], object]]] = [
        ("/policies", lambda crt, _: {**policy, "what": {"certificates": [crt]}}),
        ("/policies", lambda _, grp: {**policy, "what": {"groups": [grp]}}),
        ("/signing-requests", lambda _, grp: {**request_body(), "groups": [here, grp]}),
        ("/certificates", lambda _, grp: {"content": in_base64(content), "groups": [here, grp]}),
        ("/certificates/actions", lambda crt, _: {"action": "delete", "certificates": [crt]}),
        (
            "/certificates/actions",
            lambda crt, _: {"action": "add_to_groups", "certificates": [crt], "groups": [here]},
        ),
        (
            "/certificates/actions",
            lambda _, grp: {"action": "add_to_groups", "certificates": [mine], "groups": [grp]},
        ),
    ]
    content = issue().pem
    mine = stranger.import_certificate(groups=[here])["id"]
    for path, body in pairs:
        unseen = stranger.post(path, body(hidden["id"], group))
        none = stranger.post(path, body(NOWHERE, "grp_000000000000000000000000"))
        assert _without_names(unseen, hidden["id"], group) == _without_names(
            none, NOWHERE, "grp_000000000000000000000000"
        ), path


def _without_names(response: Response, *names: str) -> str:
    status, (_, body) = told(response)
    text = f"{status} {body}"
    for name in names:
        text = text.replace(name, "...")
    for one in (body or {}).get("results", []):
        text = text.replace(one.get("problem", {}).get("request_id", "nothing"), "...")
    return text


def test_a_conflict_names_no_certificate_that_is_not_seen(
    admin: Client, stranger: Client, here: str, hidden: dict[str, Any]
) -> None:
    pem = admin.get(at(hidden["id"], "download"), format="pem").body
    # That a unique alias, or the same certificate, is here already cannot be hidden; whose it is, can.
    taken = stranger.post("/certificates", issue().body(alias=hidden["alias"], groups=[here]))
    assert_refused(taken, 409, "alias_taken")
    exists = stranger.post("/certificates", {"content": in_base64(pem), "groups": [here], "alias": unused_name("same")})
    for response in (taken, exists):
        assert hidden["id"] not in response.body.decode()
        assert "certificate_id" not in response.json


def test_every_permission_is_of_no_use_elsewhere(admin: Client, stranger: Client) -> None:
    assert set(stranger.good("GET", "/me")["permissions"]) == set(EVERY_PERMISSION)


def test_nothing_that_a_stranger_tries_leaves_a_trace_on_what_is_not_seen(
    signet: Service, stranger: Client, hidden: dict[str, Any]
) -> None:
    # A role names the stranger, so the two sign orders that are no dry runs are told of.
    with signet.nothing_stored("not_found", "not_found"):
        for method, path, body in questions(hidden["id"]):
            stranger.call(method, path, body)
        answer(stranger, {"id": hidden["pending_request"]}, issue().pem)
