"""What people are told of a certificate that expires: a mail, in words."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from signet.domain.certificate import Certificate, Usage

MAX_SUBJECT_CHARACTERS = 99
"""SNS takes fewer than 100, ASCII, without line breaks (Amazon SNS API Reference, Publish)."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One message to people."""

    subject: str
    text: str


def expiry_mail(certificate: Certificate, usage: Usage, *, days_left: int) -> Mail:
    """Tell that `certificate` expires in `days_left` days, or, where that is negative, that it has."""
    expired = days_left < 0
    verb, when = "expired" if expired else "expires", _in_words(days_left)
    return Mail(
        _subject(certificate, f": {verb} {when}"),
        "\n".join(
            [
                f'The certificate "{certificate.alias.text}" {verb} {when}, at {_moment(certificate.facts.not_after)}.',
                *(["Nobody can sign with it any more."] if expired else []),
                "",
                f"  Subject:     {_line(certificate.facts.subject)}",
                f"  Issuer:      {_line(certificate.facts.issuer)}",
                f"  Owner:       {certificate.owner or 'nobody'}",
                f"  Description: {_line(certificate.description) or '-'}",
                f"  Used:        {_uses(usage)}",
                f"  Status:      {'enabled' if certificate.enabled else 'disabled: nobody can sign with it'}",
                f"  Key:         {certificate.facts.key_algorithm if certificate.has_private_key else 'not held here'}",
                f"  SHA-256:     {certificate.facts.thumbprint_sha256}",
                f"  Id:          {certificate.id}",
                "",
                *_what_to_do(certificate),
            ]
        )
        + "\n",
    )


def _what_to_do(certificate: Certificate) -> list[str]:
    if certificate.pending_request is not None:
        request = f"/v1/signing-requests/{certificate.pending_request}"
        return [
            "What to do: a renewal waits for the CA already.",
            f"  1. Have your CA issue a certificate for its CSR: GET {request}/csr",
            f"  2. Import it: POST {request}/certificate",
            "Whoever signs by alias then signs with the new one, and notices nothing.",
        ]
    return [
        "What to do, if it is still needed:",
        f"  1. Ask for a renewal: POST /v1/certificates/{certificate.id}/renew",
        "  2. Have your CA issue a certificate for the CSR that this answers.",
        "  3. Import it: POST /v1/signing-requests/<id of the request>/certificate",
        "Whoever signs by alias then signs with the new one, and notices nothing.",
        f"If it is not needed any more: DELETE /v1/certificates/{certificate.id}",
    ]


def _subject(certificate: Certificate, rest: str) -> str:
    # Accents are left off, and what has no ASCII is a question mark; a name of nothing else is no name.
    plain = unicodedata.normalize("NFKD", certificate.alias.text)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    name = "".join(letter if " " <= letter <= "~" else "?" for letter in plain)
    if not any(letter.isalnum() for letter in name):
        name = certificate.id
    room = MAX_SUBJECT_CHARACTERS - len("Certificate ") - len(rest)
    if len(name) > room:
        name = f"{name[: room - 3].rstrip()}..."
    return f"Certificate {name}{rest}"


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
    return "".join(letter if letter.isprintable() else " " for letter in text)
