"""`python -m tools.openapi.document` writes the OpenAPI document of this service, from the functions themselves.

A function says in its `@http_function` what it takes and what it answers. This module finds every function below
functions/, and knows none of them by name. It adds what all have in common: the refusals of the authorizer and of
`@http_function`, and those of API Gateway.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import inspect
import json
import sys
import tomllib
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec

from signet.api.answering.answer import JSON, PROBLEM
from signet.api.answering.dialect import SIGNET
from signet.api.http_function import MAX_IDEMPOTENCY_KEY_CHARACTERS, HttpFunction
from signet.api.problems import STATUS, Problem
from signet.domain import errors
from tools.openapi.examples import Examples, file_content
from tools.openapi.fields import CRT, EVT, GRP, POL, REQ, ROL, TAGS
from tools.openapi.schemas import SCHEMAS, Schemas

CHECKOUT = Path(__file__).resolve().parents[2]
DOCUMENT = CHECKOUT / "layers/signet/signet/api/openapi.json"

ABOUT = """\
Takes care of an organisation's signing certificates, and signs with them for those who may.

JSON in and out, `snake_case`; times RFC 3339 in UTC; bytes standard base64. Errors are RFC 9457 problems, each with a
`code` that stays the same. A list is followed by its `next_cursor`. Every `POST` may carry an `Idempotency-Key`, and
every single object has an `ETag` that changes of it may insist on with `If-Match`.
"""

IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Chosen by the caller. The same key with the same body answers the same result for 24 hours, "
    "without doing it twice.",
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_IDEMPOTENCY_KEY_CHARACTERS},
    "example": "release-1.4-app.exe",
}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "description": "The `ETag` of the version that is to be changed; 412 `stale` where it is another by now.",
    "schema": {"type": "string"},
    "example": '"3"',
}
CERTIFICATE = {
    "name": "certificate",
    "in": "path",
    "required": True,
    "description": "Id or alias of the certificate, percent-encoded. An alias is found whatever its case.",
    "schema": {"type": "string", "minLength": 1},
    "example": CRT,
}
HEADERS = {
    "ETag": {"description": 'The version of the object, `"<version>"`.', "schema": {"type": "string"}},
    "RetryAfter": {"description": "Seconds after which to try again.", "schema": {"type": "integer", "minimum": 1}},
    "WWWAuthenticate": {"description": "`Bearer` (RFC 6750).", "schema": {"type": "string"}},
    "ContentDisposition": {"description": "The name of the file (RFC 6266).", "schema": {"type": "string"}},
    "XNextCursor": {"description": "With CSV: the cursor of the next page.", "schema": {"type": "string"}},
    "XTotal": {"description": "With CSV and `count=true`: the total.", "schema": {"type": "string"}},
}
GATEWAY_MESSAGE = {
    "title": "GatewayMessage",
    "description": "An answer of API Gateway itself, which no function has seen.",
    "type": "object",
    "properties": {"message": {"type": "string", "description": "What API Gateway says."}},
    "required": ["message"],
    "examples": [{"message": "Unauthorized"}],
}
OF_THE_GATEWAY = {
    HTTPStatus.UNAUTHORIZED: "no `Authorization` header",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "more than API Gateway or Lambda takes",
    HTTPStatus.TOO_MANY_REQUESTS: "more requests than the account's quota",
    HTTPStatus.INTERNAL_SERVER_ERROR: "the function could not be run",
    HTTPStatus.SERVICE_UNAVAILABLE: "the function did not answer in time",
}
"""Where the answer may be API Gateway's own, and when it is."""


@dataclasses.dataclass(frozen=True)
class FoundFunction:
    """A function, where it lies, and what it says of itself."""

    noun: str
    """`certificates`."""
    action: str
    """`sign_with_certificate`."""
    about: str
    """What its module says of it behind the route."""
    function: HttpFunction

    @property
    def tag(self) -> str:
        """`signing requests`."""
        return self.noun.replace("_", " ")

    @property
    def operation_id(self) -> str:
        """`SignWithCertificate`."""
        return "".join(word.capitalize() for word in self.action.split("_"))


def found_functions() -> Iterator[FoundFunction]:
    """Every function that answers a route, by folder."""
    for path in sorted((CHECKOUT / "functions").glob("*/*/app.py")):
        name = f"described_functions.{path.parent.name}"
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise ImportError(str(path))
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        if isinstance(module.lambda_handler, HttpFunction):
            _, _, about = inspect.cleandoc(module.__doc__ or "").partition(": ")
            yield FoundFunction(path.parent.parent.name, path.parent.name, about, module.lambda_handler)


def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document of all functions, but of dialects, which others describe, and of a web page's files."""
    functions = [found for found in found_functions() if found.function.dialect is SIGNET and not found.function.files]
    bodies = {found.function.body for found in functions if found.function.body}
    answers = {one for found in functions for answer in found.function.answers.values() for one in _kinds(answer)}
    schemas = Schemas({Problem, *bodies, *(one for one in answers if isinstance(one, type))})
    paths: dict[str, dict[str, Any]] = {}
    for found in functions:
        paths.setdefault(found.function.path, {})[found.function.method.lower()] = _operation(found, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Signet", "version": _version(), "description": ABOUT},
        "servers": [{"url": "/", "description": "Where this document was read."}],
        "security": [{"bearer": []}],
        "tags": [
            {"name": noun, "description": TAGS[noun]}
            for noun in sorted({found.noun.replace("_", " ") for found in functions})
        ],
        "paths": {path: paths[path] for path in sorted(paths)},
        "components": {
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "A token of one of the OIDC issuers that this deployment trusts.",
                },
                "calendar_link": {
                    "type": "apiKey",
                    "in": "query",
                    "name": "secret",
                    "description": "The secret of a link that `POST /v1/me/calendar-link` gave.",
                },
            },
            "headers": HEADERS,
            "examples": _problem_examples(schemas.examples),
            "schemas": {**schemas.components, "GatewayMessage": GATEWAY_MESSAGE},
        },
    }


def text_of(described: Mapping[str, Any]) -> str:
    """`described` as it is stored."""
    return json.dumps(described, indent=1, ensure_ascii=False) + "\n"


def _version() -> str:
    version: str = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["version"]
    return version


def _operation(found: FoundFunction, schemas: Schemas) -> dict[str, Any]:
    function = found.function
    parameters = [_path_parameter(part[1:-1], found.noun) for part in function.path.split("/") if part.startswith("{")]
    if function.query:
        parameters += schemas.query(function.query)
    if function.method == "POST":
        parameters.append(IDEMPOTENCY_KEY)
    if errors.StaleVersionError in function.problems:
        parameters.append(IF_MATCH)
    described: dict[str, Any] = {
        "operationId": found.operation_id,
        "tags": [found.tag],
        "summary": _sentence(found.about.partition("\n\n")[0]),
        "description": inspect.cleandoc(function.summary),
    }
    if parameters:
        described["parameters"] = parameters
    if function.body:
        described["requestBody"] = {
            "required": function.needs_body,
            "content": {
                JSON: {
                    "schema": {"$ref": SCHEMAS + function.body.__name__},
                    "example": schemas.examples.of_request(found.action, function.body.__name__),
                }
            },
        }
    described["responses"] = {**_answers(found, schemas.examples), **_problems(function)}
    if function.public or function.credential != "bearer":
        described["security"] = [] if function.public else [{function.credential: []}]
    return described


_ID_OF = {"events": EVT, "policies": POL, "roles": ROL, "signing_requests": REQ}


def _path_parameter(name: str, noun: str) -> dict[str, Any]:
    if name == "certificate":
        return CERTIFICATE
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": f"As the list of {noun.replace('_', ' ')} gives it.",
        "schema": {"type": "string", "minLength": 1},
        "example": _ID_OF.get(noun, GRP),
    }


def _answers(found: FoundFunction, examples: Examples) -> dict[str, Any]:
    """What it answers when all goes well, by status."""
    function = found.function
    answers = {}
    for status, answer in sorted(function.answers.items()):
        content: dict[str, Any] = {}
        headers: dict[str, Any] = {}
        for kind in _kinds(answer):
            if isinstance(kind, type):
                content[JSON] = {
                    "schema": {"$ref": SCHEMAS + kind.__name__},
                    "example": examples.of_component(kind.__name__),
                }
                if issubclass(kind, msgspec.Struct) and "version" in kind.__struct_fields__:
                    headers["ETag"] = {"$ref": "#/components/headers/ETag"}
            else:
                content[kind] = _OPENAPI_ITSELF if kind == JSON else file_content(kind, found.action)
                if kind != JSON:
                    headers["Content-Disposition"] = {"$ref": "#/components/headers/ContentDisposition"}
                if kind == "text/csv":
                    headers["X-Next-Cursor"] = {"$ref": "#/components/headers/XNextCursor"}
                    if "count" in getattr(function.query, "__struct_fields__", ()):
                        headers["X-Total"] = {"$ref": "#/components/headers/XTotal"}
        answers[str(status)] = {
            "description": _first_line(function.summary),
            **({"headers": headers} if headers else {}),
            **({"content": content} if content else {}),
        }
    return answers


_OPENAPI_ITSELF = {
    "schema": {"type": "object", "description": "An OpenAPI 3.1 document."},
    "example": {"openapi": "3.1.0", "info": {"title": "Signet", "version": "0.1.0"}, "paths": {}},
}


def _problems(function: HttpFunction) -> dict[str, Any]:
    """What it refuses, by status: its own problems, those of every function, and what API Gateway answers itself."""
    by_status: dict[HTTPStatus, dict[str, str]] = {status: {} for status in OF_THE_GATEWAY}
    for error in (*function.problems, *_of_every_function(function)):
        by_status.setdefault(STATUS[error], {})[error.code] = _first_line(inspect.getdoc(error) or "")
    by_status[HTTPStatus.INTERNAL_SERVER_ERROR]["internal"] = "A fault of this service."
    if function.public:
        del by_status[HTTPStatus.UNAUTHORIZED]
    return {str(status.value): _problem(status, by_status[status]) for status in sorted(by_status)}


def _of_every_function(function: HttpFunction) -> Iterator[type[errors.SignetError]]:
    yield errors.InvalidInputError
    if function.takes_body:
        yield errors.MalformedJsonError
        yield errors.RequestTooLargeError
    if function.method == "POST":
        yield errors.IdempotencyKeyReusedError
    if not function.public:
        yield errors.UnauthenticatedError
        yield errors.TokensUnjudgedError
        yield errors.BusyError
        yield errors.UnavailableError


def _problem_examples(examples: Examples) -> dict[str, Any]:
    """A problem of each code."""
    told_of = {error.code: (status, _first_line(inspect.getdoc(error) or "")) for error, status in STATUS.items()}
    told_of["internal"] = (HTTPStatus.INTERNAL_SERVER_ERROR, "A fault of this service.")
    return {
        code: {"summary": meaning, "value": examples.of_problem(code, status.value)}
        for code, (status, meaning) in sorted(told_of.items())
    }


def _problem(status: HTTPStatus, codes: Mapping[str, str]) -> dict[str, Any]:
    lines = [f"- `{code}`: {meaning}" for code, meaning in sorted(codes.items())]
    content: dict[str, Any] = {}
    headers = {}
    if codes:
        code = {"properties": {"code": {"enum": sorted(codes)}}}
        content[PROBLEM] = {
            "schema": {"allOf": [{"$ref": SCHEMAS + "Problem"}, code]},
            "examples": {each: {"$ref": f"#/components/examples/{each}"} for each in sorted(codes)},
        }
        if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
            headers["Retry-After"] = {"$ref": "#/components/headers/RetryAfter"}
        if status is HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = {"$ref": "#/components/headers/WWWAuthenticate"}
    if status in OF_THE_GATEWAY:
        lines.append(f"- of API Gateway itself: {OF_THE_GATEWAY[status]}")
        message = "Unauthorized" if status is HTTPStatus.UNAUTHORIZED else status.phrase
        content[JSON] = {"schema": {"$ref": SCHEMAS + "GatewayMessage"}, "example": {"message": message}}
    return {
        "description": "\n".join(lines),
        **({"headers": headers} if headers else {}),
        "content": content,
    }


def _kinds(answer: Any) -> tuple[Any, ...]:
    """Structs and media types of an answer; nothing where it has no body."""
    if answer is None:
        return ()
    return answer if isinstance(answer, tuple) else (answer,)


def _first_line(text: str) -> str:
    return " ".join(text.partition("\n\n")[0].split())


def _sentence(text: str) -> str:
    text = " ".join(text.split()).rstrip(".")
    return text[:1].upper() + text[1:]


if __name__ == "__main__":
    DOCUMENT.write_text(text_of(document()))
    sys.stdout.write(f"{DOCUMENT.relative_to(CHECKOUT)} is written\n")
