"""The mail about a certificate that expires: a subject that SNS takes, and all that somebody needs to know."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet.domain.alias import Alias
from signet.domain.certificate import Certificate, Usage
from signet.domain.expiry_mail import expiry_mail
from tests.domain_examples import a_certificate

END = datetime(2026, 12, 21, 13, 0, tzinfo=UTC)


def named(alias: str, **settings: Any) -> Certificate:
    return a_certificate(alias=Alias(alias), not_after=END, **settings)


@given(alias=st.text(min_size=1, max_size=128), days=st.integers(-4000, 4000))
def test_a_subject_is_one_that_sns_takes(alias: str, days: int) -> None:
    subject = expiry_mail(named(alias), Usage(), days_left=days).subject

    assert len(subject) < 100
    assert subject.isascii()
    assert subject.isprintable()
    assert subject.startswith("Certificate ")


@pytest.mark.parametrize(
    ("alias", "days", "subject"),
    [
        ("release-2027", 29, "Certificate release-2027: expires in 29 days"),
        ("release-2027", 1, "Certificate release-2027: expires in 1 day"),
        ("release-2027", 0, "Certificate release-2027: expires within a day"),
        ("release-2027", -1, "Certificate release-2027: expired less than a day ago"),
        ("release-2027", -2, "Certificate release-2027: expired 1 day ago"),
        ("release-2027", -31, "Certificate release-2027: expired 30 days ago"),
        ("Señales", 7, "Certificate Senales: expires in 7 days"),
        ("a\nb", 7, "Certificate a?b: expires in 7 days"),
        ("x" * 128, 7, f"Certificate {'x' * 65}...: expires in 7 days"),
    ],
)
def test_a_subject_says_which_and_how_long(alias: str, days: int, subject: str) -> None:
    assert expiry_mail(named(alias), Usage(), days_left=days).subject == subject


def test_a_name_without_ascii_is_told_by_its_id() -> None:
    certificate = named("證書")

    assert certificate.id in expiry_mail(certificate, Usage(), days_left=7).subject
    assert "證書" in expiry_mail(certificate, Usage(), days_left=7).text


def test_the_text_says_whose_how_long_how_often_used_and_what_to_do() -> None:
    used = Usage(count=12, last_used_at=datetime(2026, 11, 20, 10, 30, tzinfo=UTC))
    certificate = named("release-2027", owner="corp/alice", description="Signs releases", key_version=1)

    assert expiry_mail(certificate, used, days_left=29).text == (
        'The certificate "release-2027" expires in 29 days, at 2026-12-21 13:00 UTC.\n'
        "\n"
        f"  Subject:     {certificate.facts.subject}\n"
        "  Issuer:      CN=Example CA,O=Example Corp,C=US\n"
        "  Owner:       corp/alice\n"
        "  Description: Signs releases\n"
        "  Used:        12 times, last at 2026-11-20 10:30 UTC\n"
        "  Status:      enabled\n"
        "  Key:         ECC_NIST_P256\n"
        f"  SHA-256:     {certificate.facts.thumbprint_sha256}\n"
        f"  Id:          {certificate.id}\n"
        "\n"
        "What to do, if it is still needed:\n"
        f"  1. Ask for a renewal: POST /v1/certificates/{certificate.id}/renew\n"
        "  2. Have your CA issue a certificate for the CSR that this answers.\n"
        "  3. Import it: POST /v1/signing-requests/<id of the request>/certificate\n"
        "Whoever signs by alias then signs with the new one, and notices nothing.\n"
        f"If it is not needed any more: DELETE /v1/certificates/{certificate.id}\n"
    )


def test_the_rare_sides_are_told_as_well() -> None:
    certificate = named("old", owner=None, enabled=False, pending_request="req_1")
    text = expiry_mail(certificate, Usage(), days_left=-3).text

    assert "expired 2 days ago" in text
    assert "Nobody can sign with it any more." in text
    assert "Owner:       nobody" in text
    assert "Used:        never" in text
    assert "disabled: nobody can sign with it" in text
    assert "not held here" in text
    assert "GET /v1/signing-requests/req_1/csr" in text
    assert "used once" not in text.lower()
    once = Usage(count=1, last_used_at=END)
    assert "Used:        once, last at" in expiry_mail(certificate, once, days_left=3).text


def test_nothing_of_a_certificate_breaks_a_line() -> None:
    certificate = named("x")
    facts = replace(certificate.facts, subject="CN=a\nBcc: everybody", issuer="CN=\u2028")

    assert "Bcc" not in [
        line.strip()[:3]
        for line in expiry_mail(replace(certificate, facts=facts), Usage(), days_left=1).text.splitlines()
    ]
