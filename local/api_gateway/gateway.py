"""API Gateway's HTTP API as the template describes it: finds the route, asks the authorizer, invokes the function."""

from __future__ import annotations

import base64
import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from local.api_gateway.http_server import Answer, Request
from local.api_gateway.payload_format import authorizer_event, decoded_path, http_answer, http_event, message
from local.api_gateway.routes import Authorizer, Route
from local.aws.template import TemplateError
from local.lambda_service.execution_environments import Outcome
from local.lambda_service.lambda_runtime import Function

MAX_HEADERS = 10_240  # HTTP API quota: request line and header values together, in bytes
MAX_PAYLOAD = 6 * 1024 * 1024 + 100  # Lambda quota, invocation payload, as Lambda measures it

Invoke = Callable[[Function, bytes, str], Outcome]
"""Runs a function on a payload, with a request id, and says how it ended."""


class Gateway:
    """Answers HTTP requests by the routes of one API."""

    def __init__(self, routes: list[Route], invoke: Invoke) -> None:
        self._routes = routes
        self._invoke = invoke
        self._cached: dict[tuple[str, ...], tuple[float, dict[str, Any]]] = {}
        self._lock = threading.Lock()

    @property
    def routes(self) -> list[Route]:
        """Most specific first."""
        return list(self._routes)

    def answer(self, request: Request) -> Answer:
        """What the caller of the API gets for `request`."""
        request_id = base64.b64encode(os.urandom(11)).decode()
        answer = self._answer(request, request_id)
        return replace(answer, headers=[*answer.headers, ("Apigw-Requestid", request_id)])

    def _answer(self, request: Request, request_id: str) -> Answer:
        values = sum(len(value) for _, value in request.headers)
        if len(request.request_line) + values > MAX_HEADERS:
            return message(431, "Request Header Fields Too Large")
        if not request.target.isascii():  # RFC 3986 has no other characters
            return message(400, "Bad Request")
        try:
            path = decoded_path(request.target)
        except ValueError:
            return message(400, "Bad Request")
        found = self.find(request.method, path)
        if found is None:
            return message(404, "Not Found")
        route, parameters = found
        user = ""
        event = http_event(request, route.key, path, parameters, request_id)
        if route.authorizer is not None:
            allowed = self._authorize(route.authorizer, event)
            if isinstance(allowed, Answer):
                return allowed
            event["requestContext"]["authorizer"] = {"lambda": allowed or None}
            user = str(allowed.get("user", ""))
        payload = json.dumps(event, ensure_ascii=False).encode(errors="surrogatepass")
        if len(payload) > MAX_PAYLOAD:
            return message(413, "Request Entity Too Large")
        outcome = self._invoke(route.function, payload, request_id)
        if outcome.error == "TimedOut":
            answer = message(503, "Service Unavailable")
        elif outcome.error is not None or len(outcome.payload) > MAX_PAYLOAD:
            answer = message(500, "Internal Server Error")
        else:
            answer = http_answer(json.loads(outcome.payload))
        return replace(answer, user=user, cpu_seconds=outcome.cpu_seconds)

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """The route for a decoded path, with its path parameters; None where API Gateway says 404."""
        segments = path[1:].split("/")
        for route in self._routes:
            parameters = route.match(method, segments)
            if parameters is not None:
                return route, parameters
        return None

    def forget_authorizations(self) -> None:
        """Empty the cache of authorizer answers, as a deployment does."""
        with self._lock:
            self._cached.clear()

    def _authorize(self, authorizer: Authorizer, event: Mapping[str, Any]) -> dict[str, Any] | Answer:
        identity = [_identity(source, event) for source in authorizer.identity_sources]
        if not all(identity):
            return message(401, "Unauthorized")
        key = (authorizer.name, *(str(value) for value in identity))
        answer = self._kept(key) if authorizer.ttl else None
        if answer is None:
            asked = authorizer_event(event, [str(value) for value in identity])
            payload = json.dumps(asked, ensure_ascii=False).encode(errors="surrogatepass")
            outcome = self._invoke(authorizer.function, payload, event["requestContext"]["requestId"])
            said = None if outcome.error else json.loads(outcome.payload)
            if not isinstance(said, dict) or not isinstance(said.get("isAuthorized"), bool):
                return message(500, "Internal Server Error")
            answer = said
            if authorizer.ttl:
                with self._lock:
                    self._cached[key] = (time.monotonic() + authorizer.ttl, answer)
        if not answer["isAuthorized"]:
            return message(403, "Forbidden")
        return dict(answer.get("context") or {})

    def _kept(self, key: tuple[str, ...]) -> dict[str, Any] | None:
        now = time.monotonic()
        with self._lock:
            for old in [name for name, (until, _) in self._cached.items() if until <= now]:
                del self._cached[old]
            return self._cached[key][1] if key in self._cached else None


def _identity(source: str, event: Mapping[str, Any]) -> str | None:
    kind, _, name = source.removeprefix("$request.").partition(".")
    if kind == "header":
        found = event["headers"].get(name.lower())
    elif kind == "querystring":
        found = event.get("queryStringParameters", {}).get(name)
    elif source.startswith("$context."):
        found = event["requestContext"].get(source.removeprefix("$context."))
    else:
        raise TemplateError(f"identity source {source} is not played here")
    return None if found is None else str(found)
