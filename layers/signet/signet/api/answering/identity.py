"""What a Lambda authorizer answers: a name, its groups and a time limit, or why not, and never an exception.

It always allows: a refusal here would reach the caller as a bare 403, an exception as a 500. The `@http_function` of
each function refuses where the name is missing, and where the time is past, which can happen because API Gateway keeps
this answer for a while.
"""

import json
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from signet.domain.access.token_claims import VerifiedToken
from signet.domain.errors import InvalidTokenError, TokensUnjudgedError
from signet.observability import count, logger, run_told

Judge = Callable[[str | None], VerifiedToken]
"""Who an `Authorization` header speaks for."""


def identity_answer(
    event: Mapping[str, Any], find: Callable[[Mapping[str, Any]], str | None], judge: Judge
) -> dict[str, Any]:
    """The simple response to `event`, payload 2.0, about the header that `find` makes of it."""
    with run_told(request_id=_request_id(event)):
        return {"isAuthorized": True, "context": _identity(event, find, judge)}


def only_identity_source(event: Mapping[str, Any]) -> str | None:
    """The one identity source: what API Gateway keeps the answer by, which a header beside it is not."""
    source = event.get("identitySource")
    only = source[0] if isinstance(source, list) and len(source) == 1 else None
    return only if isinstance(only, str) else None


def _identity(
    event: Mapping[str, Any], find: Callable[[Mapping[str, Any]], str | None], judge: Judge
) -> dict[str, str]:
    try:
        return _context(judge(find(event)))
    except InvalidTokenError as error:
        logger.info("not authenticated", reason=str(error))
        return {"refused": str(error)}
    except TokensUnjudgedError as error:
        reason = str(error)
        logger.error("not judged", reason=reason)
    except Exception as error:  # noqa: BLE001 - whatever it is, the caller is nobody
        reason = "Something is broken where tokens are judged."
        # Where it broke, and never what it says: a message may quote the token.
        frames = traceback.extract_tb(error.__traceback__)[-12:]
        at = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        logger.critical("broken", error=type(error).__name__, at=at)
    # Lambda's own count of errors sees none of this, since nothing is raised.
    count("TokensUnjudged")
    return {"unjudged": reason}


def _context(token: VerifiedToken) -> dict[str, str]:
    """Text only: API Gateway hands on no lists."""
    user_groups, expires_at = json.dumps(token.user_groups), str(int(token.expires_at.timestamp()))
    return {"user": token.user, "user_groups": user_groups, "expires_at": expires_at}


def _request_id(event: Mapping[str, Any]) -> str:
    request = event.get("requestContext") if isinstance(event, dict) else None
    return str(request.get("requestId", "")) if isinstance(request, dict) else ""
