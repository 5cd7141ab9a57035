"""A request that waits is read, listed, cancelled, and holds its alias."""

from __future__ import annotations

import pytest

from tests.support.certificates.certification_authority import CertificationAuthority, openssl, proves_its_key
from tests.support.certificates.issued import PIN, in_base64, issue, unused_name
from tests.support.services.actions import answer, ask, below, complete, keeps_key, request_body
from tests.support.services.over_http import Client, Service, assert_refused, at

NOWHERE = "req_000000000000000000000000"


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
