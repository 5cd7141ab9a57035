"""`python -m tools.announcements` writes the JSON Schema and the sample of each announcement, and the guide's table.

What is said here of an announcement is held by a test to what the service really puts on the bus. A schema that was
published is a promise: this module refuses to write one that an older reader could not rely on any more.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from signet.domain.certificates.certificate import CertificateStatus
from signet.domain.events.announcement import SCHEMA_VERSION, SOURCE
from signet.domain.events.event import EventType
from signet.domain.signing_requests.signing_request import RequestStatus

CHECKOUT = Path(__file__).resolve().parent.parent
FOLDER = CHECKOUT / "events/announcements"
PAGE = CHECKOUT / "docs/guide/announcements.md"
BEGIN, END = "<!-- announcements: from tools/announcements.py -->", "<!-- end of announcements -->"

Schema = dict[str, Any]

_TIME: Schema = {"type": "string", "format": "date-time"}


class Field(NamedTuple):
    """One field of `detail`."""

    schema: Schema
    about: str
    example: Any


class Shape(NamedTuple):
    """What an announcement tells, and when it is made."""

    when: str
    always: tuple[str, ...]
    sometimes: tuple[str, ...] = ()
    """Of a signing request: what there is only where a certificate is."""
    example: Mapping[str, Any] = {}
    """Where the sample differs from the fields' own examples."""


FIELDS: Mapping[str, Field] = {
    "schema_version": Field(
        {"const": SCHEMA_VERSION}, "Counts up when an older reader could no longer make sense of it", SCHEMA_VERSION
    ),
    "event_id": Field(
        {"type": "string", "pattern": "^evt_"}, "The same on a redelivery", "evt_1hy4s0k3e9w4mxbq2c7t5h4w"
    ),
    "occurred_at": Field(_TIME, "When it took effect", "2026-11-22T13:00:00Z"),
    "user": Field({"type": "string"}, "Who did it, `<issuer alias>/<name>`", "corp/alice"),
    "certificate_id": Field({"type": "string", "pattern": "^crt_"}, "", "crt_1hw9z6r3vk8mxbq2c7t5h4wa"),
    "alias": Field({"type": "string"}, "Its alias after the change", "release-2027"),
    "owner": Field({"type": ["string", "null"]}, "", "corp/alice"),
    "subject": Field({"type": "string"}, "RFC 4514 text", "CN=Example,O=Example Corp,C=US"),
    "thumbprint_sha256": Field({"type": "string", "pattern": "^[0-9A-F]{64}$"}, "", "5E" * 32),
    "status": Field({"type": "string", "enum": [each.value for each in CertificateStatus]}, "", "enabled"),
    "version": Field({"type": "integer", "minimum": 1}, "Tells an older state from a newer one", 3),
    "valid_to": Field(_TIME, "", "2026-12-21T13:00:00Z"),
    "groups": Field(
        {"type": "array", "items": {"type": "string"}},
        "Ids of its certificate groups",
        ["grp_1hvq2c7t5h4w9z6r3vk8mxba"],
    ),
    "signing_algorithm": Field({"type": ["string", "null"]}, "", "RSASSA_PSS_SHA_256"),
    "code": Field({"type": "string"}, "Why it was refused", "certificate_disabled"),
    "stage": Field({"type": "integer", "minimum": 1}, "Days before its end: the stage that was reached", 30),
    "days_to_expiry": Field({"type": "integer", "minimum": 0}, "Whole days left, as of the check", 29),
    "renewed_by": Field(
        {"type": "string", "pattern": "^crt_"}, "Id of the new certificate", "crt_1hy4r9c7t5h4w9z6r3vk8mxb"
    ),
    "request_id": Field({"type": "string", "pattern": "^req_"}, "", "req_1hy4r9c7t5h4w9z6r3vk8mxb"),
    "request_status": Field({"type": "string", "enum": [each.value for each in RequestStatus]}, "", "pending"),
    "request_version": Field({"type": "integer", "minimum": 1}, "", 1),
    "renews": Field({"type": ["string", "null"]}, "Id of the certificate to renew", "crt_1hw9z6r3vk8mxbq2c7t5h4wa"),
    "key_algorithm": Field({"type": "string"}, "", "RSA_2048"),
    "csr": Field(
        {"type": "string"},
        "PEM, for the CA",
        "-----BEGIN CERTIFICATE REQUEST-----\nMIIC...\n-----END CERTIFICATE REQUEST-----\n",
    ),
    "warnings": Field(
        {"type": "array", "items": {"type": "string"}},
        "What is odd about what the CA issued, or what a renewal's CSR leaves out",
        [],
    ),
    "policy_id": Field({"type": "string", "pattern": "^pol_"}, "", "pol_1hvq2c7t5h4w9z6r3vk8mxba"),
    "role_id": Field({"type": "string", "pattern": "^rol_"}, "", "rol_1hvq2c7t5h4w9z6r3vk8mxba"),
    "certificate_group_id": Field({"type": "string", "pattern": "^grp_"}, "", "grp_1hvq2c7t5h4w9z6r3vk8mxba"),
    "calendar_link_id": Field({"type": "string", "pattern": "^cal_"}, "", "cal_1hvq2c7t5h4w9z6r3vk8mxba"),
    "calendar_link_user": Field({"type": "string"}, "Whose calendar it shows", "corp/alice"),
    "name": Field({"type": "string"}, "Its name after the change", "CI may sign releases"),
}

EVERY = ("schema_version", "event_id", "occurred_at", "user")
CERTIFICATE = (
    "certificate_id",
    "alias",
    "owner",
    "subject",
    "thumbprint_sha256",
    "status",
    "version",
    "valid_to",
    "groups",
)
_OF_BOTH = ("alias", "owner", "subject", "groups")
REQUEST = ("request_id", "request_status", "request_version", "renews", "key_algorithm", *_OF_BOTH)
_ONLY_OF_CERTIFICATE = tuple(name for name in CERTIFICATE if name not in _OF_BOTH)


def _certificate(when: str, *more: str, **example: Any) -> Shape:
    return Shape(when, (*EVERY, *CERTIFICATE, *more), (), example)


def _administered(when: str, identifier: str, name: str) -> Shape:
    return Shape(when, (*EVERY, identifier, "name", "version"), (), {"name": name})


def _calendar_link(when: str) -> Shape:
    return Shape(when, (*EVERY, "calendar_link_id", "calendar_link_user"))


_CHECKED = {"user": "automation/signet"}

SHAPES: Mapping[EventType, Shape] = {
    EventType.CERTIFICATE_IMPORTED: _certificate(
        "a certificate came under management, gained its private key or more of its path, or was issued again",
        "warnings",
    ),
    EventType.CERTIFICATE_UPDATED: _certificate("its settings or its groups changed"),
    EventType.CERTIFICATE_ENABLED: _certificate("it may be used again"),
    EventType.CERTIFICATE_DISABLED: _certificate("nobody can use it", status="disabled"),
    EventType.CERTIFICATE_DELETED: _certificate("it is gone, with its private key"),
    EventType.CERTIFICATE_RENEWED: _certificate(
        "a new one took its place", "renewed_by", alias="release-2027 (until 2026-12-21)"
    ),
    EventType.CERTIFICATE_USED: _certificate("a signature was made", "signing_algorithm"),
    EventType.CERTIFICATE_USE_REFUSED: _certificate(
        "a signature was refused", "signing_algorithm", "code", status="disabled"
    ),
    EventType.CERTIFICATE_EXPIRING: _certificate(
        "the expiry check found it within a stage; once for each stage", "stage", "days_to_expiry", **_CHECKED
    ),
    EventType.CERTIFICATE_EXPIRED: _certificate(
        "the expiry check found it past its end; once", valid_to="2026-11-21T13:00:00Z", **_CHECKED
    ),
    EventType.SIGNING_REQUEST_CREATED: Shape(
        "a key pair was made, and its CSR waits for a CA", (*EVERY, *REQUEST, "csr", "warnings"), _ONLY_OF_CERTIFICATE
    ),
    EventType.SIGNING_REQUEST_COMPLETED: Shape(
        "the CA's certificate was imported against it",
        (*EVERY, *REQUEST, *_ONLY_OF_CERTIFICATE),
        (),
        {"request_status": "completed", "request_version": 2},
    ),
    EventType.SIGNING_REQUEST_CANCELLED: Shape(
        "it was cancelled, and its key destroyed",
        (*EVERY, *REQUEST),
        _ONLY_OF_CERTIFICATE,
        {"request_status": "cancelled", "request_version": 2},
    ),
    EventType.POLICY_CREATED: _administered("a policy was made", "policy_id", "CI may sign releases"),
    EventType.POLICY_UPDATED: _administered("it changed", "policy_id", "CI may sign releases"),
    EventType.POLICY_DELETED: _administered("it is gone", "policy_id", "CI may sign releases"),
    EventType.ROLE_CREATED: _administered("a role was made", "role_id", "Release managers"),
    EventType.ROLE_UPDATED: _administered("it changed", "role_id", "Release managers"),
    EventType.ROLE_DELETED: _administered("it is gone", "role_id", "Release managers"),
    EventType.CERTIFICATE_GROUP_CREATED: _administered("a group was made", "certificate_group_id", "Release"),
    EventType.CERTIFICATE_GROUP_UPDATED: _administered("it changed", "certificate_group_id", "Release"),
    EventType.CERTIFICATE_GROUP_DELETED: _administered("it is gone", "certificate_group_id", "Release"),
    EventType.CALENDAR_LINK_CREATED: _calendar_link("a secret link to a calendar was made"),
    EventType.CALENDAR_LINK_REVOKED: _calendar_link("it works no more: it was revoked or replaced"),
}


def file_name(kind: EventType) -> str:
    """`certificate_expiring.v1`: a new version is a new file, and the old one stays."""
    return f"{kind.value.lower().replace(' ', '_')}.v{SCHEMA_VERSION}"


def schema_of(kind: EventType) -> Schema:
    """The JSON Schema of the whole event as EventBridge delivers it; a reader ignores fields that it does not know."""
    shape = SHAPES[kind]
    detail = {
        name: {**FIELDS[name].schema, **({"description": FIELDS[name].about} if FIELDS[name].about else {})}
        for name in (*shape.always, *shape.sometimes)
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:signet:announcement:{file_name(kind)}",
        "title": kind.value,
        "description": f"Announced when {shape.when}.",
        "type": "object",
        "required": ["id", "source", "detail-type", "time", "detail"],
        "properties": {
            "id": {"type": "string", "description": "EventBridge's own; another one on a redelivery"},
            "source": {"const": SOURCE},
            "detail-type": {"const": kind.value},
            "time": _TIME,
            "detail": {"type": "object", "required": list(shape.always), "properties": detail},
        },
    }


def sample_of(kind: EventType) -> dict[str, Any]:
    """An event as EventBridge delivers it."""
    shape = SHAPES[kind]
    detail = {name: shape.example.get(name, FIELDS[name].example) for name in (*shape.always, *shape.sometimes)}
    return {
        "version": "0",
        "id": "7b0ad2f6-3a54-4a8e-9f0e-5c1f6d0a4b11",
        "detail-type": kind.value,
        "source": SOURCE,
        "account": "123456789012",
        "time": detail["occurred_at"],
        "region": "eu-west-1",
        "resources": [],
        "detail": detail,
    }


def breaches(older: Schema, newer: Schema, at: str = "") -> Iterator[str]:
    """What a reader who relies on `older` could not rely on any more, in words."""
    for name in older.get("required", []):
        if name not in newer.get("required", []):
            yield f"{at}{name} may be missing"
    for name, schema in older.get("properties", {}).items():
        if name in newer.get("properties", {}):
            yield from breaches(schema, newer["properties"][name], f"{at}{name}.")
        else:
            yield f"{at}{name} is told no more"
    if "items" in older:
        yield from breaches(older["items"], newer.get("items", {}), f"{at}[].")
    if "type" in older and not _several(newer.get("type", "anything")) <= _several(older["type"]):
        yield f"{at.rstrip('.')} may be of another type"
    if "enum" in older and not set(newer.get("enum", ["anything"])) <= set(older["enum"]):
        yield f"{at.rstrip('.')} may have another value"
    for rule in ("const", "format", "pattern"):
        if rule in older and newer.get(rule) != older[rule]:
            yield f"{at.rstrip('.')} has another {rule}"


def _several(value: str | list[str]) -> set[str]:
    return {value} if isinstance(value, str) else set(value)


def table() -> str:
    """A Markdown table: detail-type, when, and the fields that not all have."""
    lines = ["| `detail-type` | when | fields of its own |", "|---|---|---|"]
    for kind, shape in SHAPES.items():
        about_certificate = set(CERTIFICATE) <= set(shape.always)
        told = [name for name in shape.always if name not in EVERY]
        more = [f"`{name}`" for name in told if not (about_certificate and name in CERTIFICATE)]
        words = (["the certificate"] if about_certificate else []) + more
        if shape.sometimes:
            words.append("of a renewal the certificate to renew")
        lines.append(f"| `{kind.value}` | {shape.when} | {', '.join(words)} |")
    return "\n".join(lines)


def as_text(value: Any) -> str:
    """JSON as it lies in the files."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def main() -> int:
    """Write what is not as it should be; the exit code."""
    for kind in SHAPES:
        path = FOLDER / f"{file_name(kind)}.schema.json"
        schema = schema_of(kind)
        if path.exists() and (broken := list(breaches(json.loads(path.read_text()), schema))):
            print(f"{kind.value}: {'; '.join(broken)}. That is another schema version.", file=sys.stderr)
            return 1
        path.write_text(as_text(schema))
        (FOLDER / f"{file_name(kind)}.json").write_text(as_text(sample_of(kind)))
    before, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n{table()}\n{END}{after}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
