"""The audit record as JSON, and as a table for a spreadsheet."""

import json
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from signet.api.answering.answer import JSON, Answer
from signet.api.answering.media_types import preferred
from signet.api.answering.spreadsheet import CSV, table
from signet.api.reading.queries import AliasSought, Cursor, Limit, Time, moment, user_name
from signet.domain.errors import InvalidInputError
from signet.domain.events.event import Event, EventType, Outcome
from signet.domain.events.event_query import EventQuery
from signet.domain.moments import rfc3339

_COLUMNS = (
    "occurred_at",
    "type",
    "outcome",
    "code",
    "user",
    "source_ip",
    "user_agent",
    "certificate_id",
    "alias",
    "thumbprint_sha256",
    "detail",
    "request_id",
    "id",
)


class MentionedCertificate(msgspec.Struct, frozen=True):
    """The certificate of an event, as it was then."""

    id: str
    alias: str
    thumbprint_sha256: str


class EventBody(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who did, or was refused, what, when, to which certificate."""

    id: str
    type: EventType
    outcome: Literal["done", "refused"]
    occurred_at: Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
    user: str
    source_ip: str
    user_agent: str
    request_id: str
    detail: dict[str, Any]
    code: str | None = None
    """Of a refusal."""
    certificate: MentionedCertificate | None = None

    @classmethod
    def of(cls, event: Event) -> "EventBody":
        """What is shown of `event`."""
        mention = event.certificate
        return cls(
            id=event.id,
            type=event.type,
            outcome=event.outcome.value,
            occurred_at=rfc3339(event.occurred_at),
            user=event.principal.user,
            source_ip=event.principal.source_ip,
            user_agent=event.principal.user_agent,
            request_id=event.principal.request_id,
            detail={name: value for name, value in event.detail.items() if value is not None},
            code=event.code,
            certificate=None
            if mention is None
            else MentionedCertificate(mention.id, mention.alias, mention.thumbprint_sha256),
        )


class EventPage(msgspec.Struct, frozen=True):
    """One page of events, newest first."""

    items: tuple[EventBody, ...]
    next_cursor: str | None


class CertificateEventsQuery(
    msgspec.Struct, forbid_unknown_fields=True, frozen=True, rename={"since": "from", "until": "to"}
):
    """Filters over the events of one certificate; all must match."""

    type: EventType | None = None
    user: Annotated[str, Meta(min_length=1, max_length=300)] | None = None
    outcome: Literal["done", "refused"] | None = None
    since: Time | None = None
    """Inclusive."""
    until: Time | None = None
    """Inclusive."""
    limit: Limit = 50
    cursor: Cursor | None = None

    def query(self) -> EventQuery:
        """Its fields, parsed."""
        query = EventQuery(
            type=self.type,
            user=None if self.user is None else user_name("user", self.user),
            outcome=None if self.outcome is None else Outcome(self.outcome),
            since=None if self.since is None else moment("from", self.since),
            until=None if self.until is None else moment("to", self.until),
        )
        if query.ends_before_it_begins:
            raise InvalidInputError.at("from", "must not be after `to`")
        return query


class EventsQuery(
    CertificateEventsQuery, forbid_unknown_fields=True, frozen=True, rename={"since": "from", "until": "to"}
):
    """Filters over all events; all must match."""

    certificate: Annotated[AliasSought, Meta(min_length=1)] | None = None
    """Id or alias; the id of a deleted one too. An alias that you can see none of is refused."""


def event_page(events: tuple[Event, ...], next_cursor: str | None, *, accept: str) -> Answer:
    """`events` as JSON, or as CSV where `accept` prefers it; then `X-Next-Cursor` has the cursor."""
    if preferred(accept, (JSON, "text/csv")) == "text/csv":
        headers = {"Content-Disposition": 'attachment; filename="events.csv"', "Vary": "Accept"}
        if next_cursor is not None:
            headers["X-Next-Cursor"] = next_cursor
        return Answer(200, table_of(events), headers, CSV)
    return Answer(200, EventPage(tuple(EventBody.of(event) for event in events), next_cursor), {"Vary": "Accept"})


def table_of(events: tuple[Event, ...]) -> bytes:
    """`events` as CSV."""
    return table(_COLUMNS, (_row(EventBody.of(event)) for event in events))


def _row(event: EventBody) -> tuple[str, ...]:
    mention = event.certificate
    return (
        event.occurred_at,
        event.type,
        event.outcome,
        event.code or "",
        event.user,
        event.source_ip,
        event.user_agent,
        mention.id if mention else "",
        mention.alias if mention else "",
        mention.thumbprint_sha256 if mention else "",
        json.dumps(event.detail, ensure_ascii=False),
        event.request_id,
        event.id,
    )
