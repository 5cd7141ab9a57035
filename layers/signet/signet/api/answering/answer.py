"""What a function answers, and how Lambda hands it to API Gateway."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

JSON = "application/json"
PROBLEM = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a function answers."""

    status: int
    body: object = field(default=None, repr=False)
    """A struct or dataclass is answered as JSON, bytes as they are."""
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = JSON


def response_of(answer: Answer) -> dict[str, Any]:
    """`answer` as a Lambda answers an HTTP API, payload 2.0."""
    headers = dict(answer.headers)
    if answer.body is None:
        return {"statusCode": answer.status, "headers": headers, "body": "", "isBase64Encoded": False}
    headers["Content-Type"] = answer.content_type
    headers.setdefault("Cache-Control", "no-store")
    if isinstance(answer.body, bytes):
        body = base64.b64encode(answer.body).decode()
        return {"statusCode": answer.status, "headers": headers, "body": body, "isBase64Encoded": True}
    # Only a body's own: what an X.509 calls its version is another matter.
    if isinstance(answer.body, msgspec.Struct) and isinstance(version := getattr(answer.body, "version", None), int):
        headers["ETag"] = f'"{version}"'
    return {
        "statusCode": answer.status,
        "headers": headers,
        "body": msgspec.json.encode(answer.body).decode(),
        "isBase64Encoded": False,
    }
