"""How a renewal is asked for, and what completes it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.certificates.renewals.renewing import renewed
from tests.support.certificates.certification_authority import CertificationAuthority, told_of_csr
from tests.support.certificates.issued import in_base64, issue, unused_name
from tests.support.services.actions import a_role, answer, ask, below, complete, is_signed, keeps_key, renew, sign
from tests.support.services.over_http import Client, Service, assert_refused, at

pytestmark = pytest.mark.clock


def test_a_renewal_is_filled_in_from_the_old_certificate(admin: Client, ca: CertificationAuthority) -> None:
    first = complete(
        admin,
        ca,
        ask(
            admin,
            key_algorithm="ECC_NIST_P384",
            subject_alternative_names={"dns": ["example.com"], "ip": ["192.0.2.7"]},
            extended_key_usage=["code_signing"],
            owner="local/alice",
            description="d",
        ),
    )

    request = renew(admin, first["alias"])

    assert request["renews"] == first["id"]
    assert request["subject"] == first["subject"]
    assert request["key_algorithm"] == "ECC_NIST_P384"
    assert (request["alias"], request["owner"], request["description"]) == (first["alias"], "local/alice", "d")
    told = told_of_csr(request["csr"])
    for part in ("DNS:example.com", "IP Address:192.0.2.7", "Code Signing", "NIST CURVE: P-384"):
        assert part in told, told
    seen = admin.good("GET", at(first["id"]))
    assert seen["pending_request"] == request["id"]
    assert {**seen, "pending_request": None} == {name: first[name] for name in seen}
    assert first["id"] in {one["id"] for one in admin.items("/certificates", renewal="pending", limit=200)}


def test_the_body_of_a_renewal_says_otherwise(admin: Client, ca: CertificationAuthority) -> None:
    first = complete(admin, ca, ask(admin, subject_alternative_names={"dns": ["old.example"]}))
    request = renew(
        admin,
        first["id"],
        key_algorithm="RSA_2048",
        subject={"common_name": "Otherwise"},
        subject_alternative_names={"dns": ["new.example"]},
        extended_key_usage=["time_stamping"],
        hash="SHA_384",
    )
    told = told_of_csr(request["csr"])
    assert (request["subject"], request["key_algorithm"]) == ("CN=Otherwise", "RSA_2048")
    assert "DNS:new.example" in told
    assert "old.example" not in told
    assert "Time Stamping" in told
    assert "sha384WithRSAEncryption" in told


@pytest.mark.one_in(5)
@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"key_algorithm": "RSA_1024"}, "key_algorithm"),
        ({"subject": {"country": "USA"}}, "subject.country"),
        ({"subject_alternative_names": {"ip": ["nowhere"]}}, "subject_alternative_names.ip[0]"),
        ({"alias": "another"}, "alias"),
        ({"owner": "local/bob"}, "owner"),
    ],
)
def test_a_renewal_that_cannot_be_is_refused_at_the_field(
    signet: Service, admin: Client, fields: dict[str, Any], field: str
) -> None:
    made = admin.import_certificate()
    with signet.nothing_stored():
        assert_refused(admin.post(at(made["id"], "renew"), fields), 422, "invalid_input", field)


def test_one_renewal_waits_at_a_time_and_only_the_newest_is_renewed(
    signet: Service, admin: Client, ca: CertificationAuthority
) -> None:
    made = admin.import_certificate()
    request = renew(admin, made["id"])
    with signet.nothing_stored():
        assert_refused(admin.post(at(made["id"], "renew"), {}), 409, "renewal_pending")

    admin.good("DELETE", below(request))
    assert not keeps_key(signet, request["id"])
    assert admin.good("GET", at(made["id"]))["pending_request"] is None

    new = complete(admin, ca, renew(admin, made["id"]))
    with signet.nothing_stored():
        assert_refused(admin.post(at(made["id"], "renew"), {}), 409, "already_renewed")
    assert renew(admin, new["id"])["renews"] == new["id"]


def test_a_certificate_without_key_or_out_of_date_is_renewed_all_the_same(
    admin: Client, alice: Client, ca: CertificationAuthority
) -> None:
    public = issue(days=-1, begins_in_days=-100)
    made = admin.good(
        "POST", "/certificates", {"content": in_base64(public.pem), "alias": unused_name("public"), "owner": alice.user}
    )
    assert made["has_private_key"] is False
    new = renewed(admin, ca, made["id"])
    assert new["has_private_key"] is True
    assert sign(alice, made["alias"]).json["certificate_id"] == new["id"]


def test_an_ordinary_import_of_the_answer_completes_the_renewal(
    admin: Client, alice: Client, ca: CertificationAuthority
) -> None:
    old = admin.import_certificate(owner=alice.user)
    request = renew(admin, old["id"])
    pem = ca.issue(request["csr"])
    new = admin.good("POST", "/certificates", {"content": in_base64(pem)})
    assert (new["renews"], new["alias"]) == (old["id"], old["alias"])
    assert is_signed(sign(alice, old["alias"]), pem)


def test_who_may_import_but_not_edit_cannot_disable_the_old_one(
    signet: Service, admin: Client, ca: CertificationAuthority
) -> None:
    importer = signet.caller(unused_name("importer").replace(" ", "-"))
    a_role(admin, importer, permissions=["certificates:view", "certificates:import", "signing_requests:view"])
    old = admin.import_certificate()
    request = renew(admin, old["id"])
    content = ca.issue(request["csr"])
    assert_refused(answer(importer, request, content, disable_renewed=True), 403, "not_allowed")
    assert admin.good("GET", below(request))["status"] == "pending"
    assert answer(importer, request, content).status == 201
