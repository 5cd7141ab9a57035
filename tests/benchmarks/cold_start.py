"""Start a function and hand it one event, in a process of its own; what both cost is the last line of standard output.

Standard input: {"module", "paths", "event"} as JSON.
"""

import importlib
import json
import logging  # noqa: F401 - Lambda's own runtime has imported it, and json, before it starts a function
import sys
import time

told = json.load(sys.stdin)
sys.path[:0] = told["paths"]


class Context:
    """As little of Lambda's context as a function may ask for."""

    aws_request_id = "11111111-2222-3333-4444-555555555555"
    function_name = "signet-under-test"
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:signet-under-test"
    memory_limit_in_mb = "1769"

    def get_remaining_time_in_millis(self) -> int:
        """Enough."""
        return 600_000


begun = time.process_time()
function = importlib.import_module(told["module"])
started = time.process_time()
answer = function.lambda_handler(told["event"], Context())
ended = time.process_time()
print()  # what was logged before may have no end
print(json.dumps({"answer": answer, "init": (started - begun) * 1e3, "first_call": (ended - started) * 1e3}))
