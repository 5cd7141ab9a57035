"""What every log line of a request says: which one, who asked, with what, and about which certificate."""

from collections.abc import Mapping
from typing import Any

from signet.api.reading.incoming import MAX_USER_AGENT_CHARACTERS
from signet.domain.events.event import MAX_NAME_CHARACTERS
from signet.domain.signing.redaction import redacted


def asked_of(
    event: Mapping[str, Any], in_body: str | None = None, *, token: str | None = None, pin: str | None = None
) -> dict[str, Any]:
    """The caller and program of `event`, payload 2.0, and the certificate as its path or else `in_body` names it.

    Neither `token` nor `pin`, with which it came, is in it. It is told of those who are refused, too: of a caller whom
    no role and no policy knows nothing else does.
    """
    context = event.get("requestContext") or {}
    told = (context.get("authorizer") or {}).get("lambda") or {}
    path = event.get("pathParameters") or {}
    named = path.get("certificate", path.get("proxy", in_body))
    if named is not None:
        named = redacted(named, pin=pin, token=token)[:MAX_NAME_CHARACTERS]
    program = str((context.get("http") or {}).get("userAgent") or "")[:MAX_USER_AGENT_CHARACTERS]
    return {
        "request_id": str(context.get("requestId", "")),
        "user": told.get("user") or None,
        "certificate": named,
        "user_agent": redacted(program, pin=pin, token=token) or None,
    }
