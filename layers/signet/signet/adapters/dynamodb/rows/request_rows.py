"""Signing requests as rows of CertificateTable, and back."""

import base64
from collections.abc import Iterator

from signet.adapters.dynamodb.rows.setting_columns import settings_columns, settings_from
from signet.adapters.dynamodb.tables import CertificateRow
from signet.domain.moments import parse_rfc3339, rfc3339_micros
from signet.domain.signing_requests.signing_request import RequestStatus, SigningRequest

REQUEST = "request"

ALL_REQUESTS = "requests"
"""The listing that every signing request is in."""


def requests_in_group(group: str) -> str:
    """The listing of the signing requests for certificates of `group`."""
    return f"requests#group#{group}"


def request_row(request: SigningRequest) -> CertificateRow:
    """The row of `request`."""
    return CertificateRow(
        request.id,
        REQUEST,
        listing=ALL_REQUESTS,
        id=request.id,
        status=request.status.value,
        version=request.version,
        request={
            **settings_columns(request),
            "subject": request.subject,
            "key_algorithm": request.key_algorithm,
            "spki_sha256": request.spki_sha256,
            "csr": base64.b64encode(request.csr).decode(),
            "renews": request.renews,
            "created_at": rfc3339_micros(request.created_at),
            "created_by": request.created_by,
            "updated_at": rfc3339_micros(request.updated_at),
            "last_event": request.last_event,
            "certificate_id": request.certificate_id,
            "warnings": list(request.warnings),
        },
    )


def request_of(row: CertificateRow) -> SigningRequest:
    """The signing request that a row is of."""
    document = row.request
    return SigningRequest(
        id=row.pk,
        status=RequestStatus(row.status),
        subject=document["subject"],
        key_algorithm=document["key_algorithm"],
        spki_sha256=document["spki_sha256"],
        csr=base64.b64decode(document["csr"]),
        renews=document["renews"],
        created_at=parse_rfc3339(document["created_at"]),
        created_by=document["created_by"],
        updated_at=parse_rfc3339(document["updated_at"]),
        version=int(row.version or 0),
        last_event=document["last_event"],
        certificate_id=document["certificate_id"],
        warnings=tuple(document.get("warnings", ())),  # Those of an earlier release have none.
        **settings_from(document.get),
    )


def request_listing_rows(request: SigningRequest) -> Iterator[CertificateRow]:
    """Its entries in the listings of its groups."""
    for group in sorted(request.groups):
        yield entry_in_group(request.id, group)


def entry_in_group(request_id: str, group: str) -> CertificateRow:
    """Its entry in the listing of one of its groups; without the status, so that a change of that need not write it."""
    listing = requests_in_group(group)
    return CertificateRow(request_id, f"listing#{listing}", listing=listing, id=request_id)
