"""API Gateway asks who calls; the answer is a name, its groups and a time limit, or why not, and never an exception.

It always allows: a refusal here would reach the caller as a bare 403, an exception as a 500. The `@http_function` of
each function answers 401 or 503 where the name is missing, and 401 where the time is past, which can happen because
API Gateway keeps this answer for a while.
"""

import json
import traceback
from collections.abc import Mapping
from typing import Any

from signet.domain.access.token_claims import VerifiedToken
from signet.domain.errors import InvalidTokenError, TokensUnjudgedError
from signet.observability import count, logger
from signet.operations.access.authorize_request import authorize_request
from signet.wiring import wiring


def lambda_handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer a Lambda authorizer request of payload 2.0 with a simple response."""
    return {"isAuthorized": True, "context": _identity(event)}


def _identity(event: Mapping[str, Any]) -> dict[str, str]:
    try:
        # The identity source and not the headers: it is what API Gateway keeps this answer by.
        source = event.get("identitySource")
        only = source[0] if isinstance(source, list) and len(source) == 1 else None
        authorization = only if isinstance(only, str) else None
        return _context(authorize_request(authorization, tokens=wiring().tokens, clock=wiring().clock))
    except InvalidTokenError as error:
        logger.info("not authenticated", reason=str(error), request_id=_request_id(event))
        return {"refused": str(error)}
    except TokensUnjudgedError as error:
        reason = str(error)
        logger.error("not judged", reason=reason, request_id=_request_id(event))
    except Exception as error:  # noqa: BLE001 - whatever it is, the caller is nobody
        reason = "Something is broken where tokens are judged."
        # Where it broke, and never what it says: a message may quote the token.
        frames = traceback.extract_tb(error.__traceback__)[-12:]
        at = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        logger.critical("broken", request_id=_request_id(event), error=type(error).__name__, at=at)
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
