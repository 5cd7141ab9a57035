"""A CSR that openssl verifies holds what was ordered; what cannot be ordered is refused at its field."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.certificates.certification_authority import CertificationAuthority, proves_its_key, told_of_csr
from tests.support.certificates.issued import KEY_ALGORITHMS, unused_name
from tests.support.services.actions import a_group, answer, ask, below, complete, is_signed, request_body, sign
from tests.support.services.over_http import Client, Service, assert_refused, at


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
