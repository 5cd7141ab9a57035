"""The answer of a CA to a request: its forms, what is refused, and what comes of it."""

from __future__ import annotations

import pytest

from tests.support.certificates.certification_authority import CertificationAuthority, as_der, as_pkcs7
from tests.support.certificates.issued import in_base64, issue, unused_name
from tests.support.services.actions import a_group, a_role, answer, ask, below, complete, is_signed, request_body, sign
from tests.support.services.over_http import Client, Service, assert_refused, at


@pytest.mark.parametrize(
    "form", ["PEM", "DER", "chain after", "chain before", "reversed", "PKCS#7 DER", "PKCS#7 PEM", "PKCS#7 reversed"]
)
def test_the_answer_comes_in_every_form_and_order(admin: Client, ca: CertificationAuthority, form: str) -> None:
    request = ask(admin, owner="local/alice")
    pem = ca.issue(request["csr"])
    content = {
        "PEM": pem,
        "DER": as_der(pem),
        "chain after": pem + ca.own + ca.root,
        "chain before": ca.own + ca.root + pem,
        "reversed": ca.root + ca.own + pem,
        "PKCS#7 DER": as_pkcs7(pem, ca.own, ca.root),
        "PKCS#7 PEM": as_pkcs7(pem, ca.own, ca.root, form="PEM"),
        "PKCS#7 reversed": as_pkcs7(ca.root, ca.own, pem),
    }[form]

    response = answer(admin, request, content)

    assert response.status == 201, response
    alone = form in {"PEM", "DER"}
    assert response.json["warnings"] == (["issuer_unknown"] if alone else [])
    chain = admin.get(at(response.json["id"], "download"), format="pem_chain").body
    assert chain.split() == (pem if alone else pem + ca.own + ca.root).split()


def test_an_answer_signed_by_nobody_known_is_taken_with_a_warning(admin: Client, ca: CertificationAuthority) -> None:
    request = ask(admin)
    response = answer(admin, request, ca.issue(request["csr"]))
    assert response.status == 201, response
    assert response.json["warnings"] == ["issuer_unknown"]


def test_an_answer_to_another_key_is_refused_and_the_request_waits_on(
    signet: Service, admin: Client, ca: CertificationAuthority
) -> None:
    request, other = ask(admin), ask(admin)
    with signet.nothing_stored():
        assert_refused(answer(admin, request, ca.issue(other["csr"])), 422, "key_mismatch")
        assert_refused(answer(admin, request, issue().pem), 422, "key_mismatch")
    assert complete(admin, ca, request)["has_private_key"]
    assert complete(admin, ca, other)["has_private_key"]


def test_the_same_answer_again_is_refused(signet: Service, admin: Client, ca: CertificationAuthority) -> None:
    request = ask(admin)
    pem = ca.issue(request["csr"])
    assert answer(admin, request, pem).status == 201
    with signet.nothing_stored():
        assert_refused(answer(admin, request, pem), 409, "request_not_pending")
        assert_refused(admin.post("/certificates", {"content": in_base64(pem)}), 409, "certificate_exists")


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"nonsense", 422, "unreadable_file"),
        (b"", 422, "unreadable_file"),
        (b"\xfe\xed\xfe\xed" + bytes(40), 422, "unsupported_format"),
        (b"0" * (257 * 1024), 413, "file_too_large"),
    ],
)
def test_an_answer_that_is_none_is_refused(admin: Client, content: bytes, status: int, code: str) -> None:
    request = ask(admin)
    response = answer(admin, request, content)
    assert (response.status, response.code) in {(status, code), (422, "invalid_input"), (422, "no_certificate")}, (
        response
    )
    assert admin.good("GET", below(request))["status"] == "pending"


def test_of_several_answers_in_one_file_none_is_taken(admin: Client, ca: CertificationAuthority) -> None:
    request, other = ask(admin), ask(admin)
    both = ca.issue(other["csr"]) + ca.issue(request["csr"]) + ca.chain
    assert_refused(answer(admin, request, both), 422, "several_certificates")
    assert admin.good("GET", below(request))["status"] == "pending"


def test_settings_of_the_request_are_the_certificates_and_the_import_may_name_others(
    admin: Client, ca: CertificationAuthority
) -> None:
    first, second = a_group(admin), a_group(admin)
    fields = {"description": "d", "owner": "local/alice", "groups": [first], "ask_for_reason": True, "pin": "2468"}
    kept = complete(admin, ca, ask(admin, **fields))
    assert (kept["description"], kept["owner"]) == ("d", "local/alice")
    assert [group["id"] for group in kept["groups"]] == [first]
    assert kept["status_info"] == {
        "enabled": True,
        "has_owner": True,
        "pin_required": True,
        "reason_required": True,
    }
    changed = complete(admin, ca, ask(admin, **fields), owner="local/bob", groups=[second])
    assert changed["owner"] == "local/bob"
    assert [group["id"] for group in changed["groups"]] == [second]
    assert complete(admin, ca, ask(admin, **fields), owner=None)["owner"] is None


def test_an_import_against_a_request_repeats_its_answer_under_one_idempotency_key(
    admin: Client, ca: CertificationAuthority
) -> None:
    request = ask(admin)
    body = {"content": in_base64(ca.issue(request["csr"]) + ca.chain)}
    path = below(request, "certificate")
    first = admin.post(path, body, key="import")
    again = admin.post(path, body, key="import")
    assert (first.status, again.status) == (201, 201)
    assert first.json == again.json


def test_a_request_repeats_its_answer_under_one_idempotency_key(admin: Client) -> None:
    body = request_body()
    first, again = (admin.post("/signing-requests", body, key="the request") for _ in range(2))
    assert first.json == again.json
    assert_refused(admin.post("/signing-requests", request_body(), key="the request"), 422, "idempotency_key_reused")


def test_an_ordinary_import_of_the_answer_completes_the_request(
    signet: Service, admin: Client, alice: Client, ca: CertificationAuthority
) -> None:
    request = ask(admin, owner=alice.user, description="of the request")
    pem = ca.issue(request["csr"])

    response = admin.post("/certificates", {"content": in_base64(pem + ca.chain)})

    assert response.status == 201, response
    made = response.json
    assert made["id"] == request["id"].replace("req_", "crt_")
    assert (made["alias"], made["description"]) == (request["alias"], "of the request")
    assert made["has_private_key"] is True
    assert is_signed(sign(alice, made["id"]), pem)
    assert admin.good("GET", below(request))["status"] == "completed"
    types = [event["type"] for event in admin.items(at(made["id"], "events"))]
    assert types[-2:] == ["Signing Request Completed", "Certificate Imported"]


def test_for_who_may_not_import_against_it_there_is_no_request(
    signet: Service, admin: Client, ca: CertificationAuthority
) -> None:
    mine, theirs = a_group(admin), a_group(admin)
    importer = signet.caller(unused_name("importer").replace(" ", "-"))
    a_role(admin, importer, groups=[mine])
    request = ask(admin, groups=[theirs])
    pem = ca.issue(request["csr"])

    made = importer.good(
        "POST", "/certificates", {"content": in_base64(pem), "groups": [mine], "alias": unused_name("public")}
    )

    assert made["has_private_key"] is False
    assert made["id"] != request["id"].replace("req_", "crt_")
    assert admin.good("GET", below(request))["status"] == "pending"
    assert_refused(importer.get(below(request)), 404, "not_found")
    # Another certificate for the same key still completes it.
    assert complete(admin, ca, request)["has_private_key"] is True


def test_the_events_of_a_request_are_of_its_certificate_and_hold_no_secret(
    signet: Service, admin: Client, ca: CertificationAuthority
) -> None:
    request = ask(admin, pin="a secret PIN")
    made = complete(admin, ca, request)

    events = admin.items(at(made["id"], "events"))
    assert [event["type"] for event in events] == ["Signing Request Completed", "Certificate Imported"]
    created = next(
        event
        for event in admin.items("/events", type="Signing Request Created", limit=200)
        if event["detail"]["request_id"] == request["id"]
    )
    assert created["user"] == admin.user
    stored = "".join(signet.stored()["EventTable"])
    assert "a secret PIN" not in stored
    assert "PRIVATE KEY" not in stored
