"""Whether the service answers as its OpenAPI document says it does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from jsonschema import Draft202012Validator

from local.api_gateway.payload_format import decoded_path
from tests.support.services.over_http import Response

HEADER_OF = {
    "ETag": "application/json",
    "Retry-After": "application/problem+json",
    "WWW-Authenticate": "application/problem+json",
}
"""The kind of answer that has a header; the one with a file's name comes with every file, and CSV may have a cursor."""

GATEWAY_ONLY = {400, 404, 431}
"""Statuses that API Gateway answers before it knows which operation is asked for."""


class NotAsDocumentedError(AssertionError):
    """An answer that the document does not tell of."""

    def __init__(self, response: Response, what: str) -> None:
        super().__init__(f"{what}: {response}")


class Conformance:
    """Holds answers to an OpenAPI 3.1 document, more strictly than callers need: an answer has no field untold of."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """`document` is the whole of it, parsed."""
        self.document = document
        self.seen: set[tuple[str, str]] = set()
        """Operations, and the statuses that they were seen to answer."""

    @cached_property
    def _components(self) -> Any:
        components = json.loads(json.dumps(self.document["components"]))
        for schema in components["schemas"].values():
            if "properties" in schema:
                schema.setdefault("additionalProperties", False)
        return components

    def operation(self, method: str, target: str) -> Mapping[str, Any] | None:
        """The operation that a request asks for; None where there is none."""
        try:
            segments = decoded_path(target).split("/")
        except ValueError:
            return None
        for path, methods in sorted(self.document["paths"].items(), key=lambda each: each[0].count("{")):
            parts = path.split("/")
            if len(parts) == len(segments) and all(
                part == given or (part.startswith("{") and given) for part, given in zip(parts, segments, strict=True)
            ):
                found: Mapping[str, Any] | None = methods.get(method.lower())
                if found is not None:
                    return found
        return None

    def __call__(self, response: Response) -> None:
        """Nothing, if `response` is as documented; else NotAsDocumentedError."""
        operation = self.operation(response.method, response.target)
        if operation is None:
            if response.status not in GATEWAY_ONLY:
                raise NotAsDocumentedError(response, "no such operation")
            return
        self.seen.add((operation["operationId"], str(response.status)))
        if HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
            self._check_request(response, operation)
        told = operation["responses"].get(str(response.status))
        if told is None:
            if response.status in GATEWAY_ONLY and set(response.json) == {"message"}:
                return
            raise NotAsDocumentedError(response, "status not documented")
        media_type = response.headers.get("content-type", "").partition(";")[0]
        for name in told.get("headers", {}):
            always = name == "Content-Disposition" and not media_type.endswith("json")
            if (always or HEADER_OF.get(name) == media_type) and name.lower() not in response.headers:
                raise NotAsDocumentedError(response, f"no {name}")
        content = told.get("content", {})
        if not content:
            if response.body:
                raise NotAsDocumentedError(response, "a body where none is documented")
            return
        if media_type not in content:
            raise NotAsDocumentedError(response, f"{media_type} not documented")
        if media_type.endswith("json"):
            self._check_body(response, content[media_type]["schema"])

    def _check_request(self, response: Response, operation: Mapping[str, Any]) -> None:
        """What was taken must be what the document lets take, or a client made from it could not say it."""
        names = {each["name"] for each in operation.get("parameters", []) if each["in"] == "query"}
        unknown = {name for name, _ in parse_qsl(response.target.partition("?")[2])} - names
        if unknown:
            raise NotAsDocumentedError(response, f"took undocumented parameters {unknown}")
        told = operation.get("requestBody")
        if told is None or not response.sent:
            if told is not None and told["required"]:
                raise NotAsDocumentedError(response, "took no body where one is required")
            return
        validator = Draft202012Validator(
            {**told["content"]["application/json"]["schema"], "components": self._components}
        )
        wrong = next(validator.iter_errors(json.loads(response.sent)), None)
        if wrong is not None:
            raise NotAsDocumentedError(response, f"took an undocumented body, {wrong.json_path}: {wrong.message}")

    def _check_body(self, response: Response, schema: Mapping[str, Any]) -> None:
        validator = Draft202012Validator(
            {**schema, "components": self._components}, format_checker=Draft202012Validator.FORMAT_CHECKER
        )
        wrong = next(validator.iter_errors(response.json), None)
        if wrong is not None:
            raise NotAsDocumentedError(response, f"{wrong.json_path}: {wrong.message}")
