"""Pages of certificates: as JSON, or as the inventory for a spreadsheet."""

from collections.abc import Sequence

from msgspec import UnsetType

from signet.api.answering.answer import JSON, Answer
from signet.api.answering.media_types import preferred
from signet.api.answering.spreadsheet import CSV, table
from signet.api.bodies.certificate_bodies import CertificateBody, CertificatePage

_COLUMNS = (
    "alias",
    "status",
    "owner",
    "description",
    "subject",
    "issuer",
    "serial_number",
    "thumbprint_sha1",
    "thumbprint_sha256",
    "key_algorithm",
    "has_private_key",
    "pin_required",
    "reason_required",
    "valid_from",
    "valid_to",
    "expiry_state",
    "days_left",
    "groups",
    "policies",
    "usage_count",
    "last_used_at",
    "renews",
    "renewed_by",
    "pending_request",
    "renew_at_stage",
    "created_at",
    "created_by",
    "updated_at",
    "version",
    "id",
)


def certificate_page(page: CertificatePage, *, accept: str, with_x509: bool) -> Answer:
    """`page` as JSON, or as CSV where `accept` prefers it; then headers have what else is told of it."""
    if preferred(accept, (JSON, "text/csv")) == "text/csv":
        headers = {"Content-Disposition": 'attachment; filename="certificates.csv"', "Vary": "Accept"}
        if page.next_cursor is not None:
            headers["X-Next-Cursor"] = page.next_cursor
        if not isinstance(page.total, UnsetType):
            headers["X-Total"] = str(page.total)
        columns = (*_COLUMNS, "certificate") if with_x509 else _COLUMNS
        return Answer(200, table(columns, (_row(each, columns) for each in page.items)), headers, CSV)
    return Answer(200, page, {"Vary": "Accept"})


def _row(body: CertificateBody, columns: Sequence[str]) -> list[str]:
    own = {
        "pin_required": body.status_info.pin_required,
        "reason_required": body.status_info.reason_required,
        "expiry_state": body.expiry.state,
        "days_left": body.expiry.days_left,
        "groups": "; ".join(group.name for group in body.groups),
        "policies": "; ".join(policy.name for policy in body.policies),
    }
    return [_text(own[name] if name in own else getattr(body, name)) for name in columns]


def _text(value: object) -> str:
    """`value` in a cell: empty for nothing, true or false as in JSON."""
    if value is None or isinstance(value, UnsetType):
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
