"""What fields of several bodies have in common: their types, and how values of the domain are written."""

import base64
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from signet.api.reading.queries import Cursor, Limit
from signet.domain.moments import rfc3339

Texts = tuple[str, ...]
GroupId = Annotated[str, Meta(max_length=4 * 128)]
"""Of a certificate group, or its name, which may be sent decomposed: as many as four characters for one."""
Moment = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
Hex = Annotated[str, Meta(extra_json_schema={"pattern": "^([0-9A-F]{2})+$"})]
SerialNumber = Annotated[str, Meta(extra_json_schema={"pattern": "^-?([0-9A-F]{2})+$"})]
"""As openssl writes it: a CA that ignores RFC 5280, 4.1.2.2 has given out negative ones."""
Base64 = Annotated[str, Meta(extra_json_schema={"contentEncoding": "base64"})]


class Mention(msgspec.Struct, frozen=True):
    """A certificate group, policy or role, by id and name."""

    id: str
    name: str


class PageQuery(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Which page."""

    limit: Limit = 50
    cursor: Cursor | None = None


def time_of(moment: datetime | None) -> str | None:
    """`moment` as JSON has it."""
    return None if moment is None else rfc3339(moment)


def base64_text(content: bytes) -> str:
    """`content` as JSON has it."""
    return base64.b64encode(content).decode()
