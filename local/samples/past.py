"""Runs a function of the service at a moment of the past: what it reads as the time, it was then.

It runs in an execution environment of its own, whose clock no other request may see.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from local.lambda_service.lambda_runtime import Context, Function, load_handler, run
from signet.wiring import wiring


class SetClock:
    """A clock that was set, and stands."""

    def __init__(self) -> None:
        self.moment = datetime.now(UTC)

    def now(self) -> datetime:
        """The moment that it was set to, in UTC."""
        return self.moment


_CLOCK = SetClock()


def lambda_handler(event: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Give `event["event"]` to `event["function"]` as of `event["at"]`."""
    function = Function(**event["function"])
    _CLOCK.moment = datetime.fromisoformat(event["at"])
    wiring().clock = _CLOCK
    payload = json.dumps(event["event"]).encode()
    answer, failed = run(function, load_handler(function), payload, Context(function, context.aws_request_id))
    return {"answer": json.loads(answer), "failed": failed}
