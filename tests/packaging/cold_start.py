"""Import a function and serve one request; run by the deployed Python, `-I -S`, with nothing of ours on the path.

Standard input: {"paths", "modules", "event"} as JSON; `modules` are what the first request of the function will import.
The last line of standard output: what came of it, as JSON.
"""

import importlib
import json
import sys

told = json.load(sys.stdin)
standard = list(sys.path)
sys.path[:0] = told["paths"]

import app  # type: ignore[import-not-found]  # noqa: E402 - the function: the first folder of `paths`

for module in told["modules"]:
    importlib.import_module(module)


class Context:
    """As little of Lambda's context as a function may ask for."""

    function_name = "signet-under-test"
    memory_limit_in_mb = "1769"
    aws_request_id = "11111111-2222-3333-4444-555555555555"
    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:signet-under-test"

    def get_remaining_time_in_millis(self) -> int:
        """Enough."""
        return 10_000


printed, sys.stdout = sys.stdout, sys.stderr
answer = app.lambda_handler(told["event"], Context())
sys.stdout = printed

allowed = (*told["paths"], *standard)
files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
print(
    json.dumps(
        {
            "answer": answer,
            "foreign": [file for file in files if file and not file.startswith(allowed) and file != sys.argv[0]],
        }
    )
)
