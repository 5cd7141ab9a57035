"""What people are told of a certificate that expires: a mail, in words, and what a subscription can choose it by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from signet.domain.access.certificate_group import CertificateGroup
from signet.domain.certificates.certificate import Certificate, Usage

MAX_SUBJECT_UNITS = 99
"""SNS takes UTF-8 without line breaks or control characters, "less than 100 characters long" (Amazon SNS API Reference,
Publish); counted in UTF-16, which is never less than any other count of characters."""

MAX_LINE_CHARACTERS = 1000
"""A subject may be as long as its certificate; SNS takes 256 KB, and a reader less."""

MAX_DEPLOYMENT_CHARACTERS = 32
"""How much of the name of the deployment a subject may hold."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """Which of several installations this is, and where it is reached."""

    name: str
    """The name of its stack."""
    address: str
    """`https://signet.example.com`, without a slash at the end."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One message to people."""

    subject: str
    text: str
    attributes: Mapping[str, str | int | tuple[str, ...]] = field(default_factory=dict)
    """What a subscription's filter can look at."""


def expiry_mail(
    certificate: Certificate,
    usage: Usage,
    groups: tuple[CertificateGroup, ...] = (),
    *,
    stage: int,
    days_left: int,
    deployment: Deployment,
) -> Mail:
    """Tell that `certificate`, of `groups`, expires in `days_left` days, or, where that is negative, that it has."""
    expired = days_left < 0
    verb, when = "expired" if expired else "expires", _in_words(days_left)
    name = _line(certificate.alias.text)
    link = f"{deployment.address}/v1/certificates/{certificate.id}"
    return Mail(
        _subject(certificate, deployment, f": {verb} {when}"),
        "\n".join(
            [
                f'The certificate "{name}" {verb} {when}, at {_moment(certificate.facts.not_after)}.',
                *(["Nobody can sign with it any more."] if expired else []),
                "",
                f"  {link}",
                "",
                f"  Deployment:  {deployment.name}, {deployment.address}",
                f"  Subject:     {_line(certificate.facts.subject)}",
                f"  Issuer:      {_line(certificate.facts.issuer)}",
                f"  Owner:       {_line(certificate.owner or 'nobody')}",
                f"  Groups:      {', '.join(_line(group.settings.name) for group in groups) or '-'}",
                f"  Description: {_line(certificate.description) or '-'}",
                f"  Used:        {_uses(usage)}",
                f"  Status:      {'enabled' if certificate.enabled else 'disabled: nobody can sign with it'}",
                f"  Key:         {certificate.facts.key_algorithm if certificate.has_private_key else 'not held here'}",
                f"  SHA-256:     {certificate.facts.thumbprint_sha256}",
                f"  Id:          {certificate.id}",
                "",
                *_what_to_do(certificate, deployment, link),
            ]
        )
        + "\n",
        _attributes(certificate, groups, stage),
    )


def _attributes(
    certificate: Certificate, groups: tuple[CertificateGroup, ...], stage: int
) -> dict[str, str | int | tuple[str, ...]]:
    # SNS takes no empty attribute: what is not there is left out, and `{"exists": false}` finds it.
    found: dict[str, str | int | tuple[str, ...]] = {"stage": stage, "status": certificate.status.value}
    if certificate.owner is not None:
        found["owner"] = certificate.owner
    if groups:
        # By id, as in announcements, and by name, which is what people know; no name begins like an id.
        found["groups"] = tuple(name for group in groups for name in (group.id, group.settings.name))
    return found


def _what_to_do(certificate: Certificate, deployment: Deployment, link: str) -> list[str]:
    if certificate.pending_request is not None:
        request = f"{deployment.address}/v1/signing-requests/{certificate.pending_request}"
        return [
            "What to do: a renewal waits for the CA already.",
            f"  1. Have your CA issue a certificate for its CSR: GET {request}/csr",
            f"  2. Import it: POST {request}/certificate",
            "Whoever signs by alias then signs with the new one, and notices nothing.",
        ]
    return [
        "What to do, if it is still needed:",
        f"  1. Ask for a renewal: POST {link}/renew",
        "  2. Have your CA issue a certificate for the CSR that this answers.",
        f"  3. Import it: POST {deployment.address}/v1/signing-requests/<id of the request>/certificate",
        "Whoever signs by alias then signs with the new one, and notices nothing.",
        f"If it is not needed any more: DELETE {link}",
    ]


def _subject(certificate: Certificate, deployment: Deployment, rest: str) -> str:
    beginning = f"[{_line(deployment.name)[:MAX_DEPLOYMENT_CHARACTERS]}] Certificate "
    room = MAX_SUBJECT_UNITS - _units(beginning) - _units(rest)
    name = _line(certificate.alias.text)
    if _units(name) > room:
        while _units(name) > room - 3:
            name = name[:-1]
        name = f"{name.rstrip()}..."
    return f"{beginning}{name}{rest}"


def _units(text: str) -> int:
    """How long `text` is in UTF-16."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _in_words(days_left: int) -> str:
    # Days are whole and rounded down: -1 is the first day after the end.
    if days_left in {0, -1}:
        return "within a day" if days_left == 0 else "less than a day ago"
    days = days_left if days_left > 0 else -days_left - 1
    number = "1 day" if days == 1 else f"{days} days"
    return f"in {number}" if days_left > 0 else f"{number} ago"


def _uses(usage: Usage) -> str:
    if usage.count == 0 or usage.last_used_at is None:
        return "never"
    return f"{'once' if usage.count == 1 else f'{usage.count} times'}, last at {_moment(usage.last_used_at)}"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _line(text: str) -> str:
    """`text` without what breaks a line or a header, and without half characters, which UTF-8 cannot say.

    The two joiners stay: some scripts are not written without them. What is very long is cut.
    """
    if len(text) > MAX_LINE_CHARACTERS:
        text = f"{text[:MAX_LINE_CHARACTERS]}..."
    return "".join(letter if letter.isprintable() or letter in "\u200c\u200d" else " " for letter in text)
