"""API Gateway asks whose calendar a secret opens; as with tokens it always allows, and GetCalendar refuses the rest.

Its answers are not cached, so that a revoked link is refused at once; the secret goes into no log.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from signet.observability import count, logger, run_told
from signet.operations.calendar.authorize_calendar_link import authorize_calendar_link
from signet.wiring import at_init, wiring

at_init(lambda ports: ports.calendar_links)

GOOD_FOR = timedelta(minutes=1)


def lambda_handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer a Lambda authorizer request of payload 2.0 with a simple response."""
    with run_told(request_id=str((event.get("requestContext") or {}).get("requestId", ""))):
        return {"isAuthorized": True, "context": _identity(event)}


def _identity(event: Mapping[str, Any]) -> dict[str, str]:
    try:
        (secret,) = event["identitySource"]
        ports = wiring()
        link = authorize_calendar_link(secret, links=ports.calendar_links)
        if link is None:
            return {}
        return {
            "user": link.user,
            "user_groups": json.dumps(sorted(link.user_groups)),
            "expires_at": str(int((ports.clock.now() + GOOD_FOR).timestamp())),
        }
    except Exception as error:  # noqa: BLE001 - whatever it is, the caller is nobody
        logger.error("broken", error=type(error).__name__)  # never what it says: that may quote the secret
        count("TokensUnjudged")  # Lambda's own count of errors sees none of this, since nothing is raised
        return {"unjudged": "Something is broken where the secrets of calendar links are judged."}
