"""The requests that DynamoDB was sent, written down, so that another engine can be asked about them.

Where the environment names a folder in RECORD_DYNAMODB, each process that plays DynamoDB appends to a file of its own
there: one line of JSON for each request, in the order in which they took effect. `tools/replay_dynamodb.py` reads them.
A folder so named holds what the tests stored, wrapped keys of the test run included, and nothing else.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

RECORD_DYNAMODB = "RECORD_DYNAMODB"


def recorded(original: Callable[..., Any]) -> Callable[..., Any]:
    """`original`, an action of Moto's, written down with what it answered."""

    def call_action(self: Any) -> Any:
        folder = os.environ.get(RECORD_DYNAMODB)
        if not folder:
            return original(self)
        status, headers, body = original(self)
        sent = self.raw_body.decode() if isinstance(self.raw_body, bytes) else self.raw_body
        line = {
            "operation": self._get_action(),
            "request": json.loads(sent or "{}"),
            "error": None if status < 400 else json.loads(body).get("__type", "").rpartition("#")[2],  # noqa: PLR2004
        }
        with (Path(folder) / f"{os.getpid()}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        return status, headers, body

    return call_action
