"""What the log line of a request tells of it besides its answer: who asked, and about which certificate."""

from collections.abc import Mapping
from typing import Any

from signet.domain.event import MAX_NAME_CHARACTERS
from signet.domain.redaction import redacted


def asked_of(event: Mapping[str, Any]) -> dict[str, Any]:
    """The caller of `event`, HTTP API payload 2.0, and the certificate as its path names it; no body, and no token.

    It is told of those who are refused, too: of a caller whom no role and no policy knows nothing else does.
    """
    context = event.get("requestContext") or {}
    told = (context.get("authorizer") or {}).get("lambda") or {}
    named = (event.get("pathParameters") or {}).get("certificate")
    return {
        "user": told.get("user") or None,
        "certificate": None if named is None else redacted(named[: 4 * MAX_NAME_CHARACTERS])[:MAX_NAME_CHARACTERS],
    }
