"""API Gateway asks who calls; the answer is a name, its groups and a time limit, or nothing, and never an exception.

It always allows: a refusal here would reach the caller as a bare 403, an exception as a 500. The entrance of each room
answers 401 where the name is missing or the time is past, which it can be when this answer comes from the cache.
"""

import json
import traceback
from collections.abc import Mapping
from typing import Any

from signet.domain.errors import InvalidTokenError, IssuerUnreachableError
from signet.domain.token_claims import VerifiedToken
from signet.observability import logger
from signet.operations.authorize_request import authorize_request
from signet.wiring import wiring


def lambda_handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer a Lambda authorizer request of payload 2.0 with a simple response."""
    return {"isAuthorized": True, "context": _identity(event)}


def _identity(event: Mapping[str, Any]) -> dict[str, str]:
    try:
        # The identity source and not the headers: it is what API Gateway keeps this answer by.
        source = event.get("identitySource")
        authorization = source[0] if isinstance(source, list) and len(source) == 1 else None
        return _context(authorize_request(authorization, tokens=wiring().tokens, clock=wiring().clock))
    except InvalidTokenError as error:
        logger.info("not authenticated", reason=str(error), request_id=_request_id(event))
    except IssuerUnreachableError as error:
        logger.error("issuer unreachable", reason=str(error), request_id=_request_id(event))
    except Exception as error:  # noqa: BLE001 - whatever it is, the caller is nobody
        # Where it broke, and never what it says: a message may quote the token.
        frames = traceback.extract_tb(error.__traceback__)
        logger.critical(
            "broken",
            request_id=_request_id(event),
            error=type(error).__name__,
            at=[f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]],
        )
    return {}


def _context(token: VerifiedToken) -> dict[str, str]:
    """Text only: API Gateway hands on no lists."""
    return {
        "user": token.user,
        "user_groups": json.dumps(token.user_groups),
        "expires_at": str(int(token.expires_at.timestamp())),
    }


def _request_id(event: Mapping[str, Any]) -> str:
    request = event.get("requestContext") if isinstance(event, dict) else None
    return str(request.get("requestId", "")) if isinstance(request, dict) else ""
