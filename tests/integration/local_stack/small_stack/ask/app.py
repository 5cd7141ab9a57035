"""An authorizer that knows everybody by what stands behind `Bearer`."""

import json
import os
from typing import Any

CALLS: list[str] = []


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    CALLS.append(event["identitySource"][0])
    who = event["identitySource"][0].removeprefix("Bearer ")
    if who == "fault":
        raise RuntimeError("the authorizer does not feel well")
    if who == "nobody":
        return {"isAuthorized": True, "context": {}}
    return {
        "isAuthorized": who != "refused",
        "context": {"user": who, "calls": f"{os.getpid()}:{len(CALLS)}", "event": json.dumps(event)},
    }
