"""The mail about a certificate that expires: a subject that SNS takes, and all that somebody needs to know."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet.domain.access.certificate_group import CertificateGroup, CertificateGroupSettings
from signet.domain.certificates.alias import Alias
from signet.domain.certificates.certificate import Certificate, Usage
from signet.domain.expiry.expiry_mail import Deployment, Mail
from signet.domain.expiry.expiry_mail import expiry_mail as mail_about
from tests.support.certificates.domain_examples import a_certificate

pytestmark = pytest.mark.clock

END = datetime(2026, 12, 21, 13, 0, tzinfo=UTC)
HERE = Deployment("signet", "https://signet.example.com")


def named(alias: str, **settings: Any) -> Certificate:
    return a_certificate(alias=Alias(alias), not_after=END, **settings)


def group(name: str, number: int = 1) -> CertificateGroup:
    return CertificateGroup(f"grp_{number:024}", CertificateGroupSettings(name), END, "local/admin", END)


def expiry_mail(certificate: Certificate, usage: Usage, *, days_left: int, **more: Any) -> Mail:
    return mail_about(certificate, usage, **{"stage": 30, "deployment": HERE, "days_left": days_left, **more})


@given(alias=st.text(min_size=1, max_size=128), days=st.integers(-4000, 4000))
def test_a_subject_is_one_that_sns_takes(alias: str, days: int) -> None:
    subject = expiry_mail(named(alias), Usage(), days_left=days).subject

    assert len(subject.encode("utf-16-le")) // 2 < 100
    assert "".join(letter for letter in subject if letter not in "\u200c\u200d").isprintable()
    assert subject.startswith("[signet] Certificate ")


@pytest.mark.parametrize(
    ("alias", "days", "subject"),
    [
        ("release-2027", 29, "[signet] Certificate release-2027: expires in 29 days"),
        ("release-2027", 1, "[signet] Certificate release-2027: expires in 1 day"),
        ("release-2027", 0, "[signet] Certificate release-2027: expires within a day"),
        ("release-2027", -1, "[signet] Certificate release-2027: expired less than a day ago"),
        ("release-2027", -2, "[signet] Certificate release-2027: expired 1 day ago"),
        ("release-2027", -31, "[signet] Certificate release-2027: expired 30 days ago"),
        ("Señales", 7, "[signet] Certificate Señales: expires in 7 days"),
        ("a\nb", 7, "[signet] Certificate a b: expires in 7 days"),
        ("Подпись релизов", 7, "[signet] Certificate Подпись релизов: expires in 7 days"),
        ("證書", 7, "[signet] Certificate 證書: expires in 7 days"),
        ("x" * 128, 7, f"[signet] Certificate {'x' * 56}...: expires in 7 days"),
        ("\U0001f511" * 128, 7, f"[signet] Certificate {chr(0x1F511) * 28}...: expires in 7 days"),
    ],
)
def test_a_subject_says_which_and_how_long(alias: str, days: int, subject: str) -> None:
    assert expiry_mail(named(alias), Usage(), days_left=days).subject == subject


@pytest.mark.parametrize("name", ["s", "signet-" + "x" * 25, "x" * 200])
def test_a_subject_names_the_deployment_and_still_says_when(name: str) -> None:
    mail = expiry_mail(named("y" * 128), Usage(), days_left=-3001, deployment=Deployment(name, "https://s"))

    assert mail.subject.startswith(f"[{name[:32]}] Certificate yyy")
    assert mail.subject.endswith("...: expired 3000 days ago")
    assert len(mail.subject) < 100
    assert f"Deployment:  {name}, https://s" in mail.text


def test_a_subscription_can_choose_by_owner_groups_stage_and_status() -> None:
    team, other = group("Команда", 1), group("Other", 2)
    mail = expiry_mail(named("x"), Usage(), days_left=6, stage=7, groups=(team, other))

    assert mail.attributes == {
        "owner": "local/alice",
        "groups": (team.id, "Команда", other.id, "Other"),
        "stage": 7,
        "status": "enabled",
    }


def test_what_is_not_there_is_no_attribute() -> None:
    mail = expiry_mail(named("x", owner=None, enabled=False), Usage(), days_left=-1, stage=0)

    assert mail.attributes == {"stage": 0, "status": "disabled"}


def test_the_text_says_whose_how_long_how_often_used_and_what_to_do() -> None:
    used = Usage(count=12, last_used_at=datetime(2026, 11, 20, 10, 30, tzinfo=UTC))
    certificate = named("release-2027", owner="corp/alice", description="Signs releases", key_version=1)

    assert expiry_mail(certificate, used, days_left=29, groups=(group("Release"),)).text == (
        'The certificate "release-2027" expires in 29 days, at 2026-12-21 13:00 UTC.\n'
        "\n"
        f"  https://signet.example.com/v1/certificates/{certificate.id}\n"
        "\n"
        "  Deployment:  signet, https://signet.example.com\n"
        f"  Subject:     {certificate.facts.subject}\n"
        "  Issuer:      CN=Example CA,O=Example Corp,C=US\n"
        "  Owner:       corp/alice\n"
        "  Groups:      Release\n"
        "  Description: Signs releases\n"
        "  Used:        12 times, last at 2026-11-20 10:30 UTC\n"
        "  Status:      enabled\n"
        "  Key:         ECC_NIST_P256\n"
        f"  SHA-256:     {certificate.facts.thumbprint_sha256}\n"
        f"  Id:          {certificate.id}\n"
        "\n"
        "What to do, if it is still needed:\n"
        f"  1. Ask for a renewal: POST https://signet.example.com/v1/certificates/{certificate.id}/renew\n"
        "  2. Have your CA issue a certificate for the CSR that this answers.\n"
        "  3. Import it: POST https://signet.example.com/v1/signing-requests/<id of the request>/certificate\n"
        "Whoever signs by alias then signs with the new one, and notices nothing.\n"
        f"If it is not needed any more: DELETE https://signet.example.com/v1/certificates/{certificate.id}\n"
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
    assert "GET https://signet.example.com/v1/signing-requests/req_1/csr" in text
    assert "used once" not in text.lower()
    idempotency = Usage(count=1, last_used_at=END)
    assert "Used:        once, last at" in expiry_mail(certificate, idempotency, days_left=3).text


def test_nothing_of_a_certificate_breaks_a_line() -> None:
    certificate = named("x")
    facts = replace(certificate.facts, subject="CN=a\nBcc: everybody", issuer="CN=\u2028")

    assert "Bcc" not in [
        line.strip()[:3]
        for line in expiry_mail(replace(certificate, facts=facts), Usage(), days_left=1).text.splitlines()
    ]


def test_a_mail_about_a_certificate_of_any_size_is_one_that_sns_takes() -> None:
    certificate = named("\U0001f511" * 128, description="\U0001f511" * 1024, owner="corp/" + "\U0001f511" * 250)
    facts = replace(certificate.facts, subject="CN=" + "ж" * 200_000, issuer="\U0001f511" * 200_000)
    groups = tuple(group("\U0001f511" * 128, number) for number in range(25))

    mail = expiry_mail(replace(certificate, facts=facts), Usage(), days_left=1, groups=groups)

    attributes = sum(len(str(value).encode()) for value in mail.attributes.values())
    assert len(mail.text.encode()) + attributes < 64 * 1024
    assert f"{certificate.id}/renew" in mail.text
