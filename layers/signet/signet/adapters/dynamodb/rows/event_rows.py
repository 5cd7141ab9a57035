"""Events as rows of EventTable, and back."""

from signet.adapters.dynamodb.tables import EventRow
from signet.domain.access.principal import Principal
from signet.domain.errors import NotFoundError
from signet.domain.events.event import CertificateMention, Event, EventType, Outcome
from signet.domain.moments import parse_rfc3339, rfc3339_micros
from signet.domain.signing.redaction import without_tokens

SHARDS = ("0", "1", "2", "3")
"""Partitions of the index over all events. One would hold back every write at 1,000 units a second; each is a query of
every page that looks at all events."""

SCHEMA_VERSION = 1

CONCEALED_BYTES = 1024
"""More than an id, a thumbprint and the longest alias need: as long whether there is such a certificate or not."""


def event_row(event: Event) -> EventRow:
    """The row of `event`."""
    certificate = event.certificate
    return EventRow(
        event.id,
        schema_version=SCHEMA_VERSION,
        # The last character of an id is random.
        shard=SHARDS[ord(event.id[-1]) % len(SHARDS)],
        type=event.type.value,
        outcome=event.outcome.value,
        code=event.code,
        occurred_at=rfc3339_micros(event.occurred_at),
        user=event.principal.user,
        source_ip=event.principal.source_ip or None,
        user_agent=without_tokens(event.principal.user_agent) or None,
        request_id=event.principal.request_id or None,
        certificate_id=certificate.id if certificate else None,
        alias=certificate.alias if certificate else None,
        thumbprint_sha256=certificate.thumbprint_sha256 if certificate else None,
        groups=list(event.groups) or None,
        concealed=_concealed(event.concealed) if event.code == NotFoundError.code else None,
        # Whatever an event tells, it tells no token.
        detail=without_tokens(event.detail),
        announcement=dict(event.announcement),
    )


def event_of(row: EventRow) -> Event:
    """The event that a row is of."""
    mention = None
    if row.certificate_id is not None:
        mention = CertificateMention(row.certificate_id, row.alias or "", row.thumbprint_sha256 or "")
    return Event(
        id=row.pk,
        type=EventType(row.type),
        outcome=Outcome(row.outcome),
        occurred_at=parse_rfc3339(row.occurred_at),
        principal=Principal(
            user=row.user,
            source_ip=row.source_ip or "",
            user_agent=row.user_agent or "",
            request_id=row.request_id or "",
        ),
        code=row.code,
        certificate=mention,
        groups=tuple(row.groups or ()),
        concealed=_mention_in(row.concealed),
        detail=row.detail,
        announcement=row.announcement,
    )


def _concealed(mention: CertificateMention | None) -> str:
    told = "" if mention is None else f"{mention.id} {mention.thumbprint_sha256} {mention.alias}"
    return told + " " * (CONCEALED_BYTES - len(told.encode()))


def _mention_in(concealed: str | None) -> CertificateMention | None:
    if concealed is None or not concealed.strip():
        return None
    certificate_id, thumbprint, alias = concealed.rstrip(" ").split(" ", 2)
    return CertificateMention(certificate_id, alias, thumbprint)
