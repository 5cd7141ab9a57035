"""Payload format 2.0: the events that functions and authorizers get, and what becomes of a function's answer."""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import time
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes

from local.api_gateway.http_server import Answer, Request
from local.aws.resources import API_ID
from local.aws.template import ACCOUNT, REGION

_TEXT_TYPES = re.compile(r"text/.*|application/(json|xml|javascript)", re.IGNORECASE)
_HOP_BY_HOP = {
    "connection",
    "expect",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}


def decoded_path(target: str) -> str:
    """The path as events carry it: decoded once, before routing, and cut where a decoded `?` stands.

    Raises:
        ValueError: an escape in it is none, or it is no UTF-8.
    """
    path = target.partition("?")[0]
    if re.search(r"%(?![0-9A-Fa-f]{2})", path):
        raise ValueError(path)
    return unquote_to_bytes(path.encode("latin-1")).decode().partition("?")[0]


def http_event(
    request: Request, route_key: str, path: str, path_parameters: Mapping[str, str], request_id: str
) -> dict[str, Any]:
    """The event of payload format 2.0 for `request` (API Gateway Developer Guide, HTTP API Lambda integrations)."""
    headers: dict[str, str] = {}
    cookies: list[str] = []
    for name, value in request.headers:
        lower = name.lower()
        if lower == "cookie":
            cookies += [part.strip() for part in value.split(";") if part.strip()]
        elif lower not in _HOP_BY_HOP:
            headers[lower] = f"{headers[lower]},{value}" if lower in headers else value
    host = headers.setdefault("host", "localhost")
    domain, _, port = host.partition(":")
    forwarded = headers.get("x-forwarded-for")
    headers |= {
        "content-length": str(len(request.body)),
        "x-amzn-trace-id": f"Root=1-{int(time.time()):08x}-{os.urandom(12).hex()}",
        "x-forwarded-for": f"{forwarded}, {request.peer}" if forwarded else request.peer,
        "x-forwarded-port": port or "80",
        "x-forwarded-proto": "http",
    }
    query = request.target.partition("?")[2]
    now = time.time()
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": path,
        "rawQueryString": query,
        **({"cookies": cookies} if cookies else {}),
        "headers": headers,
        **({"queryStringParameters": parameters} if (parameters := _query_parameters(query)) else {}),
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": API_ID,
            "domainName": domain,
            "domainPrefix": domain.partition(".")[0],
            "http": {
                "method": request.method,
                "path": path,
                "protocol": request.version,
                "sourceIp": request.peer,
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": request_id,
            "routeKey": route_key,
            "stage": "$default",
            "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
            "timeEpoch": int(now * 1000),
        },
        **({"pathParameters": dict(path_parameters)} if path_parameters else {}),
        "isBase64Encoded": False,
    }
    if request.body:
        # Not documented; seen on AWS: text and these three come as they are, all else as base64, a form as well.
        kind = headers.get("content-type", "").partition(";")[0].strip()
        event["isBase64Encoded"] = not _TEXT_TYPES.fullmatch(kind)
        event["body"] = (
            base64.b64encode(request.body).decode()
            if event["isBase64Encoded"]
            else request.body.decode(errors="replace")
        )
    return event


def _query_parameters(query: str) -> dict[str, str]:
    parameters: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        parameters[name] = f"{parameters[name]},{value}" if name in parameters else value
    return parameters


def authorizer_event(event: Mapping[str, Any], identity: list[str]) -> dict[str, Any]:
    """What a Lambda authorizer of payload format 2.0 is asked, made from the event its route would get."""
    context = event["requestContext"]
    method, path = context["http"]["method"], event["rawPath"]
    return {
        "version": "2.0",
        "type": "REQUEST",
        "routeArn": f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{API_ID}/$default/{method}{path}",
        "identitySource": identity,
        **{
            key: event[key]
            for key in (
                "routeKey",
                "rawPath",
                "rawQueryString",
                "cookies",
                "headers",
                "queryStringParameters",
                "pathParameters",
                "requestContext",
            )
            if key in event
        },
    }


def http_answer(result: Any) -> Answer:
    """What the caller gets for a function's answer in payload format 2.0, whose form may be left to be inferred."""
    if not isinstance(result, dict) or "statusCode" not in result:
        text = result if isinstance(result, str) else json.dumps(result, ensure_ascii=False)
        return Answer(200, [("Content-Type", "application/json")], text.encode())
    try:
        headers = list(_answer_headers(result))
        status = HTTPStatus(int(result["statusCode"]))
        body = result.get("body") or ""
        encoded = base64.b64decode(body, validate=True) if result.get("isBase64Encoded") else body.encode()
    except (TypeError, ValueError, AttributeError, binascii.Error):
        return message(500, "Internal Server Error")
    if not any(name.lower() == "content-type" for name, _ in headers) and encoded:
        headers.append(("Content-Type", "text/plain;charset=utf-8"))
    return Answer(status, headers, encoded)


def _answer_headers(result: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in (result.get("headers") or {}).items():
        if isinstance(value, dict | list) or value is None:
            raise ValueError(name)
        if name.lower() not in _HOP_BY_HOP | {"content-length", "date"}:
            yield name, str(value).lower() if isinstance(value, bool) else str(value)
    for cookie in result.get("cookies") or []:
        yield "Set-Cookie", str(cookie)


def message(status: int, text: str) -> Answer:
    """An answer of API Gateway itself."""
    return Answer(status, [("Content-Type", "application/json")], json.dumps({"message": text}).encode())
