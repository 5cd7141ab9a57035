"""`make redrive`: announce again what was set aside, or whatever was recorded in a span of time, here or in AWS."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from local.aws.aws_clients import aws_client_factory


def main() -> int:
    """Run the function that does it until it is done; the exit code: 0 when everything was announced."""
    span = {name: text for name, text in zip(("from", "to"), sys.argv[1:3], strict=True) if text}
    stack, lambda_client = os.environ.get("STACK", ""), _client()
    name = f"{stack or 'signet'}-redrive-events:live"
    while True:
        answer = lambda_client.invoke(FunctionName=name, Payload=json.dumps(span))
        told = json.loads(answer["Payload"].read())
        print(json.dumps(told))
        if "FunctionError" in answer:
            return 1
        if told["stopped_early"] and span:
            print("Time ran short: ask for shorter spans of time.", file=sys.stderr)
            return 1
        if not told["stopped_early"]:
            return 1 if told["left"] else 0


def _client() -> Any:
    """Of the deployment `STACK` in the account that the environment names, or of what `make run` has up."""
    if os.environ.get("STACK"):
        import boto3
        from botocore.config import Config

        return boto3.client("lambda", config=Config(read_timeout=910, retries={"total_max_attempts": 1}))
    return aws_client_factory(f"http://127.0.0.1:{os.environ.get('PORT') or 3000}")("lambda")


if __name__ == "__main__":
    sys.exit(main())
