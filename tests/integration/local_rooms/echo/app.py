"""Answers what it was asked, and what it knows of its surroundings."""

import json
import os
import time
from typing import Any

from greeting import greet  # from the layer

REQUESTS = 0


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    global REQUESTS
    REQUESTS += 1
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
                "context": {
                    "function": context.function_name,
                    "arn": context.invoked_function_arn,
                    "memory": context.memory_limit_in_mb,
                    "request": context.aws_request_id,
                    "milliseconds": context.get_remaining_time_in_millis(),
                },
                "process": os.getpid(),
                "requests": REQUESTS,
            }
        ),
    }
