"""What a CA gets wrong: answers out of their time, and odd ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.signing_requests.answered_requests import imported_events
from tests.support.certificates.certification_authority import CertificationAuthority
from tests.support.certificates.issued import in_base64, issue
from tests.support.services.actions import answer, ask, complete, renew, sign
from tests.support.services.over_http import Client, Service, assert_refused, at


@pytest.mark.one_in(4)
@pytest.mark.parametrize("renewal", [False, True])
@pytest.mark.parametrize("way", ["issued", "import"])
def test_an_expired_answer_burns_nothing(
    signet: Service, admin: Client, alice: Client, ca: CertificationAuthority, renewal: bool, way: str
) -> None:
    old = admin.import_certificate(owner=alice.user) if renewal else None
    request = renew(admin, old["id"]) if old else ask(admin, owner=alice.user)
    expired = ca.issue(request["csr"], days=-1, begins_in_days=-20)

    with signet.nothing_stored():
        if way == "issued":
            refused = answer(admin, request, expired, **({"disable_renewed": True} if old else {}))
        else:
            refused = admin.post("/certificates", {"content": in_base64(expired)})

    assert_refused(refused, 422, "certificate_expired")
    if old is not None:
        assert sign(alice, old["alias"]).json["certificate_id"] == old["id"]
    made = complete(admin, ca, request)
    assert sign(alice, made["alias"]).json["certificate_id"] == made["id"]


@pytest.mark.one_in(2)
@pytest.mark.parametrize("way", ["issued", "import"])
def test_an_alias_never_moves_to_a_renewal_that_is_not_in_force(
    signet: Service, admin: Client, alice: Client, ca: CertificationAuthority, way: str
) -> None:
    old = admin.import_certificate(owner=alice.user)
    request = renew(admin, old["id"])
    begins = datetime.now(UTC) + timedelta(days=0.5)
    ahead = ca.issue(request["csr"], begins_in_days=0.5)

    with signet.nothing_stored():
        if way == "issued":
            refused = answer(admin, request, ahead + ca.chain, disable_renewed=True)
        else:
            refused = admin.post("/certificates", {"content": in_base64(ahead + ca.chain)})

    assert_refused(refused, 409, "certificate_not_yet_valid")
    again_at = datetime.now(UTC) + timedelta(seconds=int(refused.headers["retry-after"]))
    assert abs(again_at - begins) < timedelta(minutes=5)
    assert sign(alice, old["alias"]).json["certificate_id"] == old["id"]
    assert admin.good("GET", at(old["id"]))["status"] == "enabled"
    assert complete(admin, ca, request)["renews"] == old["id"]


def test_a_certificate_that_renews_none_may_begin_later(admin: Client, ca: CertificationAuthority) -> None:
    request = ask(admin)
    response = answer(admin, request, ca.issue(request["csr"], days=30, begins_in_days=10) + ca.chain)
    assert response.status == 201, response
    assert response.json["warnings"] == ["not_yet_valid"]
    assert response.json["expiry"]["state"] == "not_yet_valid"


def test_what_is_odd_is_told_in_the_answer_and_in_the_event(admin: Client, ca: CertificationAuthority) -> None:
    old = admin.import_certificate(issue(days=400))
    request = renew(
        admin, old["id"], subject_alternative_names={"dns": ["a.example"]}, extended_key_usage=["code_signing"]
    )
    forced = ca.certify_key(request["csr"], "/CN=Somebody else")

    made = answer(admin, request, forced)

    assert made.status == 201, made
    told = ["subject_differs", "names_missing", "usages_missing", "ends_before_renewed", "issuer_unknown"]
    assert made.json["warnings"] == told
    assert imported_events(admin, made.json)[0]["detail"]["warnings"] == told


def test_what_is_odd_is_told_to_an_ordinary_import_as_well(admin: Client, ca: CertificationAuthority) -> None:
    request = ask(admin)
    made = admin.good("POST", "/certificates", {"content": in_base64(ca.issue(request["csr"]))})
    assert (made["id"][4:], made["warnings"]) == (request["id"][4:], ["issuer_unknown"])
    assert admin.good("POST", "/certificates", issue().body())["warnings"] == []


def test_what_is_as_it_was_asked_for_has_no_warning(admin: Client, ca: CertificationAuthority) -> None:
    request = ask(
        admin,
        subject_alternative_names={"dns": ["a.example"], "ip": ["192.0.2.7"]},
        extended_key_usage=["code_signing"],
    )
    made = answer(admin, request, ca.issue(request["csr"]) + ca.chain).json
    assert made["warnings"] == []
    assert imported_events(admin, made)[0]["detail"]["warnings"] == []
