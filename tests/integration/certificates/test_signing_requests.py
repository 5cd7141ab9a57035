"""Signing requests from end to end: a CSR that openssl verifies, a certificate by `openssl ca`, a signature with it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.certificates.certification_authority import (
    CertificationAuthority,
    as_der,
    as_pkcs7,
    openssl,
    proves_its_key,
    told_of_csr,
)
from tests.support.certificates.issued import KEY_ALGORITHMS, PIN, in_base64, issue, unused_name
from tests.support.services.actions import (
    a_group,
    a_role,
    answer,
    ask,
    below,
    complete,
    is_signed,
    keeps_key,
    request_body,
    sign,
)
from tests.support.services.over_http import Client, Service, assert_refused, at

NOWHERE = "req_000000000000000000000000"


# --- what a request says -------------------------------------------------------------------------------------------


@pytest.mark.one_in(4)
@pytest.mark.parametrize("algorithm", KEY_ALGORITHMS)
def test_a_key_of_every_algorithm_is_asked_for_certified_imported_and_used(
    admin: Client, alice: Client, ca: CertificationAuthority, algorithm: str
) -> None:
    request = ask(admin, key_algorithm=algorithm, owner=alice.user)
    assert request["status"] == "pending"
    assert request["key_algorithm"] == algorithm
    assert proves_its_key(request["csr"].encode())

    pem = ca.issue(request["csr"])
    made = answer(admin, request, pem + ca.chain).json

    assert made["id"] == request["id"].replace("req_", "crt_")
    assert made["key_algorithm"] == algorithm
    assert made["alias"] == request["alias"]
    assert made["has_private_key"] is True
    assert made["warnings"] == []
    assert is_signed(sign(alice, made["alias"], algorithm), pem)
    ended = admin.good("GET", below(request))
    assert (ended["status"], ended["certificate_id"]) == ("completed", made["id"])


def test_the_subject_comes_by_its_parts(admin: Client) -> None:
    parts = {
        "common_name": unused_name("Release"),
        "organization": "Příklad, s.r.o.",
        "organizational_unit": "R&D + QA",
        "locality": "Zürich",
        "state": "ZH",
        "country": "CH",
        "email": "release@example.com",
    }
    request = ask(admin, subject=parts)

    told = told_of_csr(request["csr"])
    for value in ("Příklad\\, s.r.o.", "R&D \\+ QA", "L=Zürich", "C=CH", "release@example.com", parts["common_name"]):
        assert value in told, told
    assert request["alias"] == parts["common_name"]


@pytest.mark.parametrize(
    ("text", "in_openssl"),
    [
        ("CN=Steve Kille,O=Isode Limited,C=GB", "CN=Steve Kille,O=Isode Limited,C=GB"),
        ("OU=Sales+CN=J. Smith,DC=example,DC=net", "CN=J. Smith+OU=Sales,DC=example,DC=net"),
        (r"CN=James \"Jim\" Smith\, III,DC=example", r"CN=James \"Jim\" Smith\, III,DC=example"),
        (r"CN=Before\0dAfter,O=Test", r"CN=Before\0DAfter,O=Test"),
        (r"CN=Lu\C4\8Di\C4\87,O=Test", "CN=Lučić,O=Test"),
        ("CN=測試,O=Ελλάδα", "CN=測試,O=Ελλάδα"),
        (r"CN=\ spaces \ ,O=\#1", r"CN=\ spaces \ ,O=\#1"),
        ("2.5.4.3=by number,O=Test", "CN=by number,O=Test"),
    ],
)
def test_a_distinguished_name_is_read_as_rfc_4514_has_it(admin: Client, text: str, in_openssl: str) -> None:
    request = ask(admin, subject=None, distinguished_name=text, alias=unused_name("named"))
    assert f"Subject: {in_openssl}\n" in told_of_csr(request["csr"])


def test_a_multi_valued_name_stays_one_step_of_the_path_through_ca_and_import(
    admin: Client, ca: CertificationAuthority
) -> None:
    request = ask(
        admin, subject=None, distinguished_name="OU=Sales+CN=J. Smith,O=Example", alias=unused_name("several")
    )
    made = complete(admin, ca, request)
    assert set(made["subject"].split(",")[0].split("+")) == {"OU=Sales", "CN=J. Smith"}
    assert made["subject"].split(",")[1:] == ["O=Example"]


def test_names_of_four_kinds_and_usages_are_in_the_csr(admin: Client, ca: CertificationAuthority) -> None:
    request = ask(
        admin,
        subject_alternative_names={
            "dns": ["example.com", "*.example.com", "xn--bcher-kva.example"],
            "email": ["release@example.com"],
            "uri": ["https://example.com/a?b=c"],
            "ip": ["192.0.2.7", "2001:db8::7"],
        },
        extended_key_usage=["code_signing", "document_signing", "1.3.6.1.4.1.311.10.3.13"],
    )
    told = told_of_csr(request["csr"])
    for name in (
        "DNS:example.com",
        "DNS:*.example.com",
        "DNS:xn--bcher-kva.example",
        "email:release@example.com",
        "URI:https://example.com/a?b=c",
        "IP Address:192.0.2.7",
        "IP Address:2001:DB8:0:0:0:0:0:7",
        "Code Signing",
        "1.3.6.1.5.5.7.3.36",
        "1.3.6.1.4.1.311.10.3.13",
    ):
        assert name in told, told
    made = complete(admin, ca, request)
    extensions = admin.good("GET", at(made["id"], "details"))["extensions"]
    assert {"subject_alternative_name", "extended_key_usage"} <= {extension["name"] for extension in extensions}


@pytest.mark.parametrize("name", ["SHA_256", "SHA_384", "SHA_512"])
@pytest.mark.parametrize(
    ("algorithm", "shown"), [("RSA_2048", "{}WithRSAEncryption"), ("ECC_NIST_P256", "ecdsa-with-{}")]
)
def test_the_csr_is_signed_with_the_hash_that_was_chosen(admin: Client, name: str, algorithm: str, shown: str) -> None:
    request = ask(admin, key_algorithm=algorithm, hash=name)
    assert proves_its_key(request["csr"].encode())
    wanted = shown.format(name.replace("_", "")).lower()
    assert f"signature algorithm: {wanted}" in told_of_csr(request["csr"]).lower()


@pytest.mark.one_in(5)
@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"subject": {}}, "subject"),
        ({"subject": None}, "subject"),
        ({"subject": {"common_name": ""}}, "subject.common_name"),
        ({"subject": {"common_name": "a", "country": "USA"}}, "subject.country"),
        ({"subject": {"common_name": "a", "country": "u"}}, "subject.country"),
        ({"subject": {"common_name": "a" * 65}}, "subject.common_name"),
        ({"subject": {"common_name": "a", "email": "nobody"}}, "subject.email"),
        ({"subject": {"common_name": "a", "street": "b"}}, "subject.street"),
        ({"subject": {"common_name": 3}}, "subject.common_name"),
        ({"distinguished_name": "CN=both"}, "distinguished_name"),
        ({"subject": None, "distinguished_name": ""}, "distinguished_name"),
        ({"subject": None, "distinguished_name": "CN"}, "distinguished_name"),
        ({"subject": None, "distinguished_name": "CN=a,,O=b"}, "distinguished_name"),
        ({"subject": None, "distinguished_name": "XX=a"}, "distinguished_name"),
        ({"subject": None, "distinguished_name": "C=USA"}, "distinguished_name"),
        ({"subject_alternative_names": {"ip": ["192.0.2.0/24"]}}, "subject_alternative_names.ip[0]"),
        ({"subject_alternative_names": {"ip": ["1.2.3.4", "nowhere"]}}, "subject_alternative_names.ip[1]"),
        ({"subject_alternative_names": {"email": ["nobody"]}}, "subject_alternative_names.email[0]"),
        ({"subject_alternative_names": {"dns": ["a b"]}}, "subject_alternative_names.dns[0]"),
        ({"subject_alternative_names": {"dns": ["bücher.example"]}}, "subject_alternative_names.dns[0]"),
        ({"subject_alternative_names": {"uri": ["no scheme"]}}, "subject_alternative_names.uri[0]"),
        ({"subject_alternative_names": {"phone": ["1"]}}, "subject_alternative_names.phone"),
        ({"key_algorithm": "RSA_1024"}, "key_algorithm"),
        ({"key_algorithm": "DSA_2048"}, "key_algorithm"),
        ({"key_algorithm": None}, "key_algorithm"),
        ({"hash": "SHA_1"}, "hash"),
        ({"extended_key_usage": ["everything"]}, "extended_key_usage[0]"),
        ({"extended_key_usage": ["server_auth", "3.1"]}, "extended_key_usage[1]"),
        ({"alias": "a/b"}, "alias"),
        ({"owner": "alice"}, "owner"),
        ({"pin": "123"}, "pin"),
        ({"odd": 1}, "odd"),
    ],
)
def test_a_request_that_cannot_be_is_refused_at_the_field(
    signet: Service, admin: Client, fields: dict[str, Any], field: str
) -> None:
    assert_refused(admin.post("/signing-requests", request_body(**fields)), 422, "invalid_input", field)


def test_everything_that_is_wrong_is_told_at_once_and_nothing_is_kept(signet: Service, admin: Client) -> None:
    wrong = request_body(
        key_algorithm="RSA_1", subject={"country": "USA"}, subject_alternative_names={"ip": ["x"]}, hash="MD5"
    )
    with signet.nothing_stored():
        assert_refused(
            admin.post("/signing-requests", wrong),
            422,
            "invalid_input",
            "key_algorithm",
            "subject.country",
            "subject_alternative_names.ip[0]",
            "hash",
        )


def test_groups_of_a_request_exist_and_are_at_most_25(signet: Service, admin: Client) -> None:
    groups = [a_group(admin) for _ in range(26)]
    with signet.nothing_stored():
        assert_refused(
            admin.post("/signing-requests", request_body(groups=["grp_000000000000000000000000"])),
            422,
            "unknown_reference",
            "groups[0]",
        )
        assert_refused(admin.post("/signing-requests", request_body(groups=groups)), 422, "too_many_groups")


# --- one request, and the list -------------------------------------------------------------------------------------


def test_a_request_is_read_listed_and_downloaded(admin: Client) -> None:
    request = ask(admin, alias=unused_name("für „Release“"), description="d", ask_for_reason=True, pin=PIN)

    seen = admin.get(below(request))
    assert seen.json == request
    assert seen.headers["etag"] == '"1"'
    assert request["pin_required"] is True
    assert PIN not in seen.body.decode()
    assert request in admin.items("/signing-requests", status="pending", limit=200)
    assert request not in admin.items("/signing-requests", status="completed", limit=200)

    pem = admin.get(below(request, "csr"))
    assert pem.body.decode() == request["csr"]
    assert pem.headers["content-type"] == "application/pkcs10"
    assert "filename*=UTF-8''" in pem.headers["content-disposition"]
    der = admin.get(below(request, "csr"), format="der")
    assert proves_its_key(der.body, "DER")
    assert openssl("req", "-inform", "DER", given=der.body).decode().strip() == request["csr"].strip()


def test_the_list_has_every_request_once_whatever_the_page(admin: Client) -> None:
    made = [ask(admin)["id"] for _ in range(5)]
    listed = [request["id"] for request in admin.items("/signing-requests", limit=2)]
    assert len(listed) == len(set(listed))
    assert [identifier for identifier in listed if identifier in made] == made[::-1]


@pytest.mark.one_in(3)
@pytest.mark.parametrize("reference", [NOWHERE, "crt_000000000000000000000000", "req_1", "x" * 300, "%00"])
def test_what_is_no_request_is_not_found_on_any_route(signet: Service, admin: Client, reference: str) -> None:
    path = f"/signing-requests/{reference}"
    with signet.nothing_stored():
        assert_refused(admin.get(path), 404, "not_found")
        assert_refused(admin.get(f"{path}/csr"), 404, "not_found")
        assert_refused(admin.delete(path), 404, "not_found")
        body = {"content": in_base64(issue().pem)}
        assert_refused(admin.post(f"{path}/certificate", body), 404, "not_found")


def test_a_certificates_id_is_not_its_requests(admin: Client, ca: CertificationAuthority) -> None:
    request = ask(admin)
    made = complete(admin, ca, request)
    assert_refused(admin.get(f"/signing-requests/{made['id']}"), 404, "not_found")
    assert_refused(admin.get(at(request["id"])), 404, "not_found")


# --- the alias is held ---------------------------------------------------------------------------------------------


def test_a_pending_request_holds_its_alias(admin: Client) -> None:
    alias = unused_name("Held")
    request = ask(admin, alias=alias)

    assert_refused(admin.post("/certificates", issue().body(alias=alias.upper())), 409, "alias_taken")
    assert_refused(admin.post("/signing-requests", request_body(alias=alias)), 409, "alias_taken")
    other = admin.import_certificate()
    assert_refused(admin.patch(at(other["id"]), {"alias": alias}), 409, "alias_taken")
    assert_refused(admin.get(at(alias)), 404, "not_found")

    admin.good("DELETE", below(request))
    assert admin.patch(at(other["id"]), {"alias": alias}).status == 200
    assert_refused(admin.post("/signing-requests", request_body(alias=alias)), 409, "alias_taken")


# --- cancelled -----------------------------------------------------------------------------------------------------


def test_a_cancelled_request_loses_its_key_for_good(signet: Service, admin: Client, ca: CertificationAuthority) -> None:
    request = ask(admin)
    assert keeps_key(signet, request["id"])

    assert admin.delete(below(request)).status == 204

    assert not keeps_key(signet, request["id"])
    assert admin.good("GET", below(request))["status"] == "cancelled"
    assert_refused(admin.delete(below(request)), 409, "request_not_pending")
    assert_refused(answer(admin, request, ca.issue(request["csr"])), 409, "request_not_pending")
    types = [event["type"] for event in admin.items("/events", type="Signing Request Cancelled", limit=200)]
    assert types


def test_a_stale_cancellation_is_refused(admin: Client) -> None:
    request = ask(admin)
    assert_refused(admin.delete(below(request), if_match='"2"'), 412, "stale")
    assert admin.delete(below(request), if_match='"1"').status == 204


def test_a_completed_request_cannot_be_cancelled(signet: Service, admin: Client, ca: CertificationAuthority) -> None:
    request = ask(admin)
    made = complete(admin, ca, request)
    assert_refused(admin.delete(below(request)), 409, "request_not_pending")
    assert keeps_key(signet, made["id"])


def test_a_deleted_certificate_takes_the_key_that_its_request_made(
    signet: Service, admin: Client, ca: CertificationAuthority
) -> None:
    made = complete(admin, ca, ask(admin))
    admin.good("DELETE", at(made["id"]))
    assert not keeps_key(signet, made["id"])


# --- the CA's answer -----------------------------------------------------------------------------------------------


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


# --- the ordinary import -------------------------------------------------------------------------------------------


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


# --- events --------------------------------------------------------------------------------------------------------


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
