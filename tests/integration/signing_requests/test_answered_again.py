"""What a CA puts right: corrected answers, and chains that come after."""

from __future__ import annotations

import pytest

from tests.integration.signing_requests.answered_requests import chain_of, imported_events, run_check
from tests.support.certificates.certification_authority import CertificationAuthority
from tests.support.certificates.issued import in_base64, issue, unused_name
from tests.support.services.actions import (
    a_group,
    a_policy,
    a_role,
    answer,
    ask,
    below,
    complete,
    is_signed,
    keeps_key,
    renew,
    sign,
)
from tests.support.services.over_http import Client, Service, assert_refused, at

EVERY_BUT_EDIT = ("certificates:view", "certificates:import", "signing_requests:view", "signing_requests:create")


def a_caller(signet: Service) -> Client:
    return signet.caller(unused_name("caller").replace(" ", "-"))


def test_a_corrected_certificate_takes_the_place_of_the_one_before(
    signet: Service, admin: Client, alice: Client, ca: CertificationAuthority
) -> None:
    group = a_group(admin)
    request = ask(admin, owner=alice.user, description="d", groups=[group], pin="2468")
    first = ca.issue(request["csr"], days=20)
    made = answer(admin, request, first + ca.chain).json
    a_policy(admin, alice, certificates=[made["id"]])
    assert sign(alice, made["alias"], pin="2468").status == 200
    before = admin.good("GET", at(made["id"]))
    second = ca.issue(request["csr"], days=300)

    again = answer(admin, request, second + ca.chain)

    assert again.status == 200, again
    assert again.json["warnings"] == []
    after = admin.good("GET", at(made["id"]))
    moved = {"serial_number", "thumbprint_sha1", "thumbprint_sha256", "valid_from", "valid_to", "expiry"}
    moved |= {"updated_at", "version"}
    assert {name: after[name] for name in after if name not in moved} == {
        name: before[name] for name in before if name not in moved
    }
    assert after["version"] == before["version"] + 1
    assert after["valid_to"] > before["valid_to"]
    # The warm function goes on with the key it has, and the signature is by the certificate that is there now.
    signed = sign(alice, made["alias"], pin="2468")
    assert signed.json["thumbprint_sha256"] == after["thumbprint_sha256"]
    assert is_signed(signed, second)
    assert admin.get(at(made["id"], "download"), format="pem").body.split() == second.split()
    detail = imported_events(admin, made)[0]["detail"]
    assert detail["changes"]["thumbprint_sha256"] == {
        "from": before["thumbprint_sha256"],
        "to": after["thumbprint_sha256"],
    }
    # The thumbprint of the one before is free again, and the new one is taken.
    assert_refused(admin.post("/certificates", {"content": in_base64(second)}), 409, "certificate_exists")
    other = admin.good("POST", "/certificates", {"content": in_base64(first), "alias": unused_name()})
    assert other["has_private_key"] is False
    assert {one["id"] for one in admin.items("/certificates", group=group)} == {made["id"]}


def test_what_a_corrected_renewal_renewed_is_unaffected(
    admin: Client, alice: Client, ca: CertificationAuthority
) -> None:
    old = admin.import_certificate(owner=alice.user)
    request = renew(admin, old["id"])
    new = complete(admin, ca, request)
    before = admin.good("GET", at(old["id"]))

    again = answer(admin, request, ca.issue(request["csr"], days=200) + ca.chain)

    assert again.status == 200, again
    assert admin.good("GET", at(old["id"])) == before
    assert (again.json["id"], again.json["renews"], again.json["alias"]) == (new["id"], old["id"], old["alias"])
    assert sign(alice, old["alias"]).json["thumbprint_sha256"] == again.json["thumbprint_sha256"]


@pytest.mark.one_in(2)
@pytest.mark.parametrize(
    ("days", "begins", "status", "code"),
    [(-1, -20, 422, "certificate_expired"), (300, 1, 409, "certificate_not_yet_valid")],
)
def test_a_correction_must_be_in_force(
    signet: Service, admin: Client, ca: CertificationAuthority, days: int, begins: int, status: int, code: str
) -> None:
    request = ask(admin)
    complete(admin, ca, request)
    late = ca.issue(request["csr"], days=days, begins_in_days=begins)
    with signet.nothing_stored():
        assert_refused(answer(admin, request, late), status, code)


def test_who_may_not_edit_corrects_nothing(signet: Service, admin: Client, ca: CertificationAuthority) -> None:
    importer = a_caller(signet)
    a_role(admin, importer, permissions=EVERY_BUT_EDIT)
    request = ask(admin)
    complete(admin, ca, request)
    other = ca.issue(request["csr"])
    with signet.nothing_stored("not_allowed"):
        assert_refused(answer(importer, request, other + ca.chain), 403, "not_allowed")


def test_a_correction_changes_no_settings(signet: Service, admin: Client, ca: CertificationAuthority) -> None:
    request = ask(admin)
    complete(admin, ca, request)
    other = ca.issue(request["csr"])
    with signet.nothing_stored():
        assert_refused(answer(admin, request, other, owner="local/bob"), 422, "invalid_input", "owner")
        assert_refused(answer(admin, request, other, groups=[]), 422, "invalid_input", "groups")


def test_a_deleted_certificate_is_not_corrected(signet: Service, admin: Client, ca: CertificationAuthority) -> None:
    request = ask(admin)
    made = complete(admin, ca, request)
    admin.good("DELETE", at(made["id"]))
    with signet.nothing_stored():
        assert_refused(answer(admin, request, ca.issue(request["csr"])), 409, "request_not_pending")
    assert not keeps_key(signet, made["id"])


def test_a_disabled_or_renewed_certificate_is_corrected_and_stays_so(
    admin: Client, alice: Client, ca: CertificationAuthority
) -> None:
    request = ask(admin, owner=alice.user)
    made = complete(admin, ca, request)
    admin.good("POST", at(made["id"], "disable"))
    new = complete(admin, ca, renew(admin, made["id"]))
    before = admin.good("GET", at(made["id"]))

    again = answer(admin, request, ca.issue(request["csr"], days=99))

    assert again.status == 200, again
    kept = ("alias", "status", "renewed_by", "groups")
    assert {name: again.json[name] for name in kept} == {name: before[name] for name in kept}
    assert sign(alice, new["alias"]).json["certificate_id"] == new["id"]


def test_a_correction_that_was_imported_without_its_key_meanwhile_goes_in_all_the_same(
    admin: Client, alice: Client, ca: CertificationAuthority
) -> None:
    request = ask(admin, owner=alice.user)
    made = complete(admin, ca, request)
    second = ca.issue(request["csr"])
    keyless_duplicate = admin.good("POST", "/certificates", {"content": in_base64(second), "alias": unused_name()})

    assert answer(admin, request, second).status == 200

    assert is_signed(sign(alice, made["id"]), second)
    assert admin.good("GET", at(keyless_duplicate["id"]))["has_private_key"] is False


@pytest.mark.parametrize("way", ["corrected", "deleted"])
def test_what_stood_back_for_it_is_found_by_its_thumbprint_again(
    admin: Client, alice: Client, ca: CertificationAuthority, way: str
) -> None:
    request = ask(admin, owner=alice.user)
    made = complete(admin, ca, request)
    second = {"content": in_base64(ca.issue(request["csr"])), "alias": unused_name()}
    duplicate = admin.good("POST", "/certificates", second)["id"]
    assert admin.post(below(request, "certificate"), {"content": second["content"]}).status == 200
    assert admin.post("/certificates", second).json["certificate_id"] == made["id"]

    if way == "corrected":
        assert answer(admin, request, ca.issue(request["csr"])).status == 200
    else:
        admin.good("DELETE", at(made["id"]))

    refused = admin.post("/certificates", second)
    assert_refused(refused, 409, "certificate_exists")
    assert refused.json["certificate_id"] == duplicate
    admin.good("DELETE", at(duplicate))
    assert admin.post("/certificates", second).status == 201


def test_what_stood_back_for_it_may_be_deleted_first(admin: Client, ca: CertificationAuthority) -> None:
    request = ask(admin)
    made = complete(admin, ca, request)
    second = {"content": in_base64(ca.issue(request["csr"])), "alias": unused_name()}
    duplicate = admin.good("POST", "/certificates", second)["id"]
    assert admin.post(below(request, "certificate"), {"content": second["content"]}).status == 200

    admin.good("DELETE", at(duplicate))

    assert admin.post("/certificates", second).json["certificate_id"] == made["id"]
    admin.good("DELETE", at(made["id"]))
    assert admin.post("/certificates", second).status == 201


def test_a_correction_repeats_its_answer_under_one_idempotency_key(admin: Client, ca: CertificationAuthority) -> None:
    request = ask(admin)
    complete(admin, ca, request)
    body = {"content": in_base64(ca.issue(request["csr"]))}
    key = unused_name()
    first, second = (admin.post(below(request, "certificate"), body, key=key) for _ in range(2))
    assert (first.status, second.status) == (200, 200)
    assert first.json == second.json
    assert len(imported_events(admin, first.json)) == 2


@pytest.mark.parametrize("form", ["with the certificate", "alone"])
def test_an_answer_may_be_followed_by_its_chain(admin: Client, ca: CertificationAuthority, form: str) -> None:
    request = ask(admin)
    pem = ca.issue(request["csr"])
    made = answer(admin, request, pem).json
    assert made["warnings"] == ["issuer_unknown"]

    again = answer(admin, request, (pem if form == "with the certificate" else b"") + ca.chain)

    assert again.status == 200, again
    assert again.json["warnings"] == []
    assert chain_of(admin, made).split() == ca.chain.split()
    changes = imported_events(admin, made)[0]["detail"]["changes"]
    assert (len(changes["chain"]["from"]), len(changes["chain"]["to"])) == (0, 2)
    assert list(changes) == ["chain"]


def test_a_chain_that_adds_nothing_is_refused(signet: Service, admin: Client, ca: CertificationAuthority) -> None:
    request = ask(admin)
    pem = ca.issue(request["csr"])
    answer(admin, request, pem + ca.chain)
    with signet.nothing_stored():
        assert_refused(answer(admin, request, pem + ca.chain), 409, "request_not_pending")
        assert_refused(answer(admin, request, pem), 409, "request_not_pending")
        assert_refused(answer(admin, request, ca.chain), 422, "key_mismatch")
        assert_refused(answer(admin, request, issue().pem), 422, "key_mismatch")


def test_a_corrected_certificate_keeps_the_path_above_it(admin: Client, ca: CertificationAuthority) -> None:
    request = ask(admin)
    answer(admin, request, ca.issue(request["csr"]) + ca.chain)

    corrected = answer(admin, request, ca.issue(request["csr"], days=99))

    assert (corrected.status, corrected.json["warnings"]) == (200, [])
    assert chain_of(admin, corrected.json).split() == ca.chain.split()


def test_a_renewal_has_the_path_of_what_it_renews(admin: Client, ca: CertificationAuthority) -> None:
    first = complete(admin, ca, ask(admin))
    request = renew(admin, first["id"])

    new = answer(admin, request, ca.issue(request["csr"])).json

    assert new["warnings"] == []
    assert chain_of(admin, new).split() == ca.chain.split()


def test_expiry_is_watched_again_after_a_correction(signet: Service, admin: Client, ca: CertificationAuthority) -> None:
    request = ask(admin)
    made = answer(admin, request, ca.issue(request["csr"], days=20)).json
    run_check(signet)
    assert admin.good("GET", at(made["id"]))["expiry"]["flagged_stage"] == 30

    assert answer(admin, request, ca.issue(request["csr"], days=60)).status == 200

    expiry = admin.good("GET", at(made["id"]))["expiry"]
    assert (expiry["flagged_stage"], expiry["flagged_at"]) == (None, None)
    run_check(signet)
    assert admin.good("GET", at(made["id"]))["expiry"]["flagged_stage"] == 90
    stages = [event["detail"]["stage"] for event in admin.items(at(made["id"], "events"), type="Certificate Expiring")]
    assert stages == [90, 30]
