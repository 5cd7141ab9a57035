"""Writes whatever it is given to a queue; a record that says so is refused."""

import json
import os
from typing import Any

import boto3


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    boto3.client("sqs").send_message(QueueUrl=os.environ["SEEN_QUEUE"], MessageBody=json.dumps(event))
    if event.get("detail", {}).get("fail"):
        raise RuntimeError("as asked")
    failures = []
    for record in event.get("Records", []):
        if record["eventSource"] == "aws:sqs":
            if record["body"] == "poison":
                failures.append({"itemIdentifier": record["messageId"]})
            continue
        kind = record["dynamodb"].get("NewImage", {}).get("kind", {}).get("S")
        if kind == "explosive":
            raise RuntimeError("a batch with this in it fails whole")
        if kind == "poison":
            failures.append({"itemIdentifier": record["dynamodb"]["SequenceNumber"]})
    return {"batchItemFailures": failures}
