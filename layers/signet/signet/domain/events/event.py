"""The audit record: who did, or was refused, what, when, to which certificate."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from signet.domain.access.principal import Principal
from signet.domain.certificates.certificate import Certificate, Usage
from signet.domain.errors import NotFoundError
from signet.domain.identifiers import made_at, moment_after, new_id
from signet.domain.moments import rfc3339
from signet.domain.signing.redaction import redacted
from signet.domain.signing_requests.signing_request import SigningRequest


class EventType(StrEnum):
    """What can happen; the `detail-type` of the announcement too."""

    CERTIFICATE_IMPORTED = "Certificate Imported"
    CERTIFICATE_UPDATED = "Certificate Updated"
    CERTIFICATE_ENABLED = "Certificate Enabled"
    CERTIFICATE_DISABLED = "Certificate Disabled"
    CERTIFICATE_DELETED = "Certificate Deleted"
    CERTIFICATE_RENEWED = "Certificate Renewed"
    CERTIFICATE_USED = "Certificate Used"
    CERTIFICATE_USE_REFUSED = "Certificate Use Refused"
    CERTIFICATE_EXPIRING = "Certificate Expiring"
    CERTIFICATE_EXPIRED = "Certificate Expired"
    SIGNING_REQUEST_CREATED = "Signing Request Created"
    SIGNING_REQUEST_COMPLETED = "Signing Request Completed"
    SIGNING_REQUEST_CANCELLED = "Signing Request Cancelled"
    POLICY_CREATED = "Policy Created"
    POLICY_UPDATED = "Policy Updated"
    POLICY_DELETED = "Policy Deleted"
    ROLE_CREATED = "Role Created"
    ROLE_UPDATED = "Role Updated"
    ROLE_DELETED = "Role Deleted"
    CERTIFICATE_GROUP_CREATED = "Certificate Group Created"
    CERTIFICATE_GROUP_UPDATED = "Certificate Group Updated"
    CERTIFICATE_GROUP_DELETED = "Certificate Group Deleted"
    CALENDAR_LINK_CREATED = "Calendar Link Created"
    CALENDAR_LINK_REVOKED = "Calendar Link Revoked"


MAX_NAME_CHARACTERS = 256
"""Of a certificate as it was asked for: twice what an alias can have, and no way to fill the audit record."""


class Outcome(StrEnum):
    """Whether it was done."""

    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class CertificateMention:
    """The certificate of an event, as it was then; the event outlives it."""

    id: str
    alias: str
    thumbprint_sha256: str


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the audit record. Never changed, never deleted with its certificate."""

    id: str
    """Sorts in the order in which the changes of one certificate took effect."""
    type: EventType
    outcome: Outcome
    occurred_at: datetime
    principal: Principal
    code: str | None = None
    """Of a refusal."""
    certificate: CertificateMention | None = None
    groups: tuple[str, ...] = ()
    """The groups that the certificate was in: who may see those may see this."""
    detail: Mapping[str, Any] = field(default_factory=dict)
    """JSON values. Never a PIN, a key or a token."""
    concealed: CertificateMention | None = None
    """The certificate that the caller asked for and cannot see: for Administrators alone."""
    announcement: Mapping[str, Any] = field(default_factory=dict)
    """What only the announcement says: the state after the change. JSON values."""


def next_event_id(now: datetime, *after: str) -> str:
    """An id for an event of now that sorts behind the events `after`, whatever the clocks of two functions say."""
    return new_id("evt", moment_after(now, *after))


def certificate_event(
    kind: EventType,
    certificate: Certificate,
    by: Principal,
    event_id: str,
    *,
    outcome: Outcome = Outcome.DONE,
    code: str | None = None,
    detail: Mapping[str, Any] | None = None,
    announcing: Mapping[str, Any] | None = None,
) -> Event:
    """What happened to `certificate`, which is as it was left by the change."""
    return Event(
        id=event_id,
        type=kind,
        outcome=outcome,
        occurred_at=made_at(event_id),
        principal=by,
        code=code,
        certificate=CertificateMention(certificate.id, certificate.alias.text, certificate.facts.thumbprint_sha256),
        groups=certificate.groups,
        detail=_refused_to(by, detail) if outcome is Outcome.REFUSED else detail or {},
        announcement={**announced_state(certificate), **(announcing or {})},
    )


def changed(
    kind: EventType,
    before: Certificate,
    after: Certificate,
    by: Principal,
    now: datetime,
    *,
    usage: Usage,
    detail: Mapping[str, Any] | None = None,
    announcing: Mapping[str, Any] | None = None,
) -> tuple[Certificate, Event]:
    """`after` as the next version of `before`, and the event that tells of it, behind every earlier one."""
    event_id = next_event_id(now, before.last_event, usage.last_event)
    after = replace(after, version=before.version + 1, updated_at=made_at(event_id), last_event=event_id)
    return after, certificate_event(kind, after, by, event_id, detail=detail, announcing=announcing)


def request_event(
    kind: EventType,
    request: SigningRequest,
    by: Principal,
    event_id: str,
    *,
    certificate: Certificate | None = None,
    detail: Mapping[str, Any] | None = None,
    announcing: Mapping[str, Any] | None = None,
) -> Event:
    """What happened to `request`; `certificate` is the one it was completed by, or else the one it would renew."""
    mention = None
    if certificate is not None:
        mention = CertificateMention(certificate.id, certificate.alias.text, certificate.facts.thumbprint_sha256)
    return Event(
        id=event_id,
        type=kind,
        outcome=Outcome.DONE,
        occurred_at=made_at(event_id),
        principal=by,
        certificate=mention,
        groups=certificate.groups if certificate is not None else request.groups,
        detail={"request_id": request.id, "renews": request.renews, **(detail or {})},
        announcement={
            **(announced_state(certificate) if certificate is not None else {}),
            "request_id": request.id,
            "request_status": request.status.value,
            "request_version": request.version,
            "renews": request.renews,
            "alias": request.alias.text if certificate is None else certificate.alias.text,
            "owner": request.owner if certificate is None else certificate.owner,
            "subject": request.subject,
            "key_algorithm": request.key_algorithm,
            "groups": list(certificate.groups if certificate is not None else request.groups),
            **(announcing or {}),
        },
    )


def announced_state(certificate: Certificate) -> dict[str, Any]:
    """What every announcement about a certificate tells of it (contract, section 8)."""
    return {
        "certificate_id": certificate.id,
        "alias": certificate.alias.text,
        "owner": certificate.owner,
        "subject": certificate.facts.subject,
        "thumbprint_sha256": certificate.facts.thumbprint_sha256,
        "status": certificate.status.value,
        "version": certificate.version,
        "valid_to": rfc3339(certificate.facts.not_after),
        "groups": list(certificate.groups),
    }


def refusal(
    kind: EventType,
    by: Principal,
    now: datetime,
    code: str,
    *,
    certificate: Certificate | None = None,
    detail: Mapping[str, Any] | None = None,
) -> Event:
    """What `by` tried and may not: an event of the type it would have had."""
    if certificate is not None:
        event_id = next_event_id(now, certificate.last_event)
        return certificate_event(kind, certificate, by, event_id, outcome=Outcome.REFUSED, code=code, detail=detail)
    return Event(new_id("evt", now), kind, Outcome.REFUSED, now, by, code=code, detail=_refused_to(by, detail))


def unseen_refusal(
    kind: EventType,
    by: Principal,
    now: datetime,
    name: str,
    certificate: Certificate | None,
    *,
    detail: Mapping[str, Any] | None = None,
) -> Event:
    """What `by` asked for by `name` and cannot see; `certificate`, if there is one, is for Administrators alone."""
    asked = redacted(name[: 4 * MAX_NAME_CHARACTERS])[:MAX_NAME_CHARACTERS]
    event = refusal(kind, by, now, NotFoundError.code, detail={"certificate": asked, **(detail or {})})
    if certificate is None:
        return event
    return replace(
        event,
        concealed=CertificateMention(certificate.id, certificate.alias.text, certificate.facts.thumbprint_sha256),
    )


def _refused_to(by: Principal, detail: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """`detail` with the caller's user groups, so that `explain` can be asked again about what was refused."""
    return {**(detail or {}), "user_groups": sorted(by.user_groups)}
