"""The parts of a request as API Gateway hands it on: who calls, the body, the query, the versions insisted on."""

import base64
import json
import re
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from signet.api.reading.plain_query import plain_values
from signet.api.reading.shape_errors import invalid_input
from signet.api.reading.text_input import check_query_text
from signet.domain.access.principal import Principal
from signet.domain.errors import (
    InvalidInputError,
    MalformedJsonError,
    RequestTooLargeError,
    TokensUnjudgedError,
    UnauthenticatedError,
)

MAX_USER_AGENT_CHARACTERS = 512


def caller_of(event: Mapping[str, Any], request_id: str) -> Principal:
    """Who calls, as the authorizer handed it on; its answer is cached, so the token's end is looked at here."""
    context = event.get("requestContext", {})
    told = (context.get("authorizer") or {}).get("lambda") or {}
    user, expires_at = told.get("user"), told.get("expires_at")
    if not user or not expires_at:
        if unjudged := told.get("unjudged"):
            raise TokensUnjudgedError(unjudged)
        raise UnauthenticatedError(told.get("refused") or "A valid bearer token is needed.")
    if float(expires_at) <= time.time():
        raise UnauthenticatedError("The token has expired.")
    http = context.get("http", {})
    return Principal(
        user=user,
        user_groups=frozenset(json.loads(told.get("user_groups") or "[]")),
        source_ip=http.get("sourceIp", ""),
        user_agent=http.get("userAgent", "")[:MAX_USER_AGENT_CHARACTERS],
        request_id=request_id,
    )


def parsed_body(raw: bytes, shape: type | None) -> Any:
    """The body as `shape`; None takes an empty object alone.

    Raises:
        InvalidInputError: it has another shape.
        MalformedJsonError: it is no JSON.
    """
    try:
        return msgspec.json.decode(raw, type=shape or Nothing)
    except msgspec.ValidationError as error:
        # The first field at fault ends the reading, and what comes behind it may be no JSON.
        _check_json(raw)
        raise invalid_input(error, shape or Nothing) from None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise MalformedJsonError("The body is not JSON.") from None


def _check_json(raw: bytes) -> None:
    try:
        msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise MalformedJsonError("The body is not JSON.") from None


def query_of(event: Mapping[str, Any]) -> Mapping[str, str]:
    """The query parameters; one that comes twice is refused, since API Gateway would join its values with a comma."""
    seen = set()
    sent = event.get("rawQueryString") or ""
    check_query_text(sent)
    for name, _ in parse_qsl(sent, keep_blank_values=True):
        if name in seen:
            raise InvalidInputError.at(name[:64], "must be given only once")
        seen.add(name)
    return event.get("queryStringParameters") or {}


def parsed_query(query: Mapping[str, str], shape: type | None) -> Any:
    """The query as `shape`; None takes none.

    Raises:
        InvalidInputError: it has another shape.
    """
    try:
        return msgspec.convert(plain_values(query, shape or Nothing), shape or Nothing)
    except msgspec.ValidationError as error:
        raise invalid_input(error, shape or Nothing, in_query=True) from None


class Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """A body or a query without fields."""


def versions_of(header: str | None) -> frozenset[int] | None:
    """The versions of an `If-Match`: one or several (RFC 9110, 13.1.1); none where any version will do.

    Another server's ETag, or a weak one, names no version of ours: it is stale by definition.
    """
    if header is None or header.strip() == "*":
        return None
    tags = (re.fullmatch(r'"(0|[1-9][0-9]{0,11})"', part.strip()) for part in header.split(","))
    return frozenset(int(tag[1]) for tag in tags if tag)


def raw_body_of(event: Mapping[str, Any], most: int) -> bytes:
    """The body, which may have `most` bytes.

    Raises:
        RequestTooLargeError: it has more.
    """
    body = event.get("body") or ""
    if len(body) > most * 2:
        raise RequestTooLargeError(f"The body is at most {most} bytes.")
    raw = base64.b64decode(body) if event.get("isBase64Encoded") else body.encode("utf-8", "surrogatepass")
    if len(raw) > most:
        raise RequestTooLargeError(f"The body is at most {most} bytes, got {len(raw)}.")
    return raw
