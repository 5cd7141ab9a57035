"""What an import makes of a good file."""

from tests.integration.certificates.imports.refused_files import file
from tests.support.certificates.issued import PASSWORD, authority, issue, unused_name
from tests.support.services.over_http import Client, assert_refused


def test_an_expired_certificate_comes_in_and_so_does_one_not_yet_valid(admin: Client) -> None:
    expired = admin.import_certificate(issue(begins_in_days=-30, days=-0.5))
    early = admin.import_certificate(issue(begins_in_days=30, days=60))

    assert (expired["expiry"]["state"], expired["expiry"]["days_left"]) == ("expired", -1)
    assert early["expiry"]["state"] == "not_yet_valid"


def test_a_certificate_with_the_path_above_it_is_the_one_that_issued_none(admin: Client) -> None:
    middle = issue("Middle CA", ca=True)
    below = issue(issuer=middle)
    files = [below.pem + middle.pem + authority().pem, authority().pem + middle.pem + below.pem]

    for content in files[:1]:
        got = admin.good("POST", "/certificates", file(content, alias=unused_name()))
        assert got["subject"] == below.certificate.subject.rfc4514_string()
    assert_refused(admin.post("/certificates", file(files[1])), 409, "certificate_exists")


def test_the_alias_is_the_friendly_name_or_else_the_cn(admin: Client) -> None:
    named, plain = issue(), issue()
    friendly = unused_name("友好 name")

    first = admin.good("POST", "/certificates", file(named.pkcs12(name=friendly), password=PASSWORD))
    second = admin.good("POST", "/certificates", plain.body())

    assert first["alias"] == friendly
    assert f"CN={second['alias']}" in second["subject"]


def test_rsa_lengths_between_the_common_ones_come_in(admin: Client) -> None:
    assert admin.import_certificate(issue(algorithm="RSA_2176"))["key_algorithm"] == "RSA_2176"
