"""Answers what it was asked, and what it knows of its surroundings."""

import json
import os
import time
from typing import Any

from greeting import greet  # type: ignore[import-not-found]  # the layer brings it

REQUESTS: list[str] = []


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    REQUESTS.append(context.aws_request_id)
    if seconds := event.get("headers", {}).get("x-wait"):
        time.sleep(float(seconds))
    print("echo was here", context.aws_request_id)
    return {
        "statusCode": 200,
        "headers": {"content-type": "application/json"},
        "body": json.dumps(
            {
                "event": event,
                "greeting": greet(os.environ["GREETING"]),
                "environment": dict(os.environ),
                "now": time.time(),
                "context": {
                    "function": context.function_name,
                    "arn": context.invoked_function_arn,
                    "memory": context.memory_limit_in_mb,
                    "request": context.aws_request_id,
                    "milliseconds": context.get_remaining_time_in_millis(),
                },
                "process": os.getpid(),
                "requests": len(REQUESTS),
            }
        ),
    }
