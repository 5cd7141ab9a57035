"""Examples of bodies and answers: made of the examples of their fields, or, of what is asked, of the sample events."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.openapi.fields import CRT, END, NONE_MADE, PEM, TIME, told

_REF = "#/components/schemas/"
_FORMATS = {"date-time": TIME, "date": "2026-11-22", "time": "08:00"}

TEXT_FILES: Mapping[str, str] = {
    "application/x-pem-file": PEM,
    "text/calendar": "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Signet//Expiry//EN\r\nEND:VCALENDAR\r\n",
}
DER_FILES: Mapping[str, str] = {
    "application/pkix-cert": "DER of an X.509 certificate (RFC 5280): bytes that begin with 30 82.",
    "application/x-pkcs7-certificates": "DER of a PKCS#7 with the certificate and its path (RFC 2315).",
    "application/pkcs10": "The CSR (RFC 2986): PEM, or DER where `format=der` asks for it.",
}


class Examples:
    """Makes examples for the schemas of a document, and puts them there."""

    def __init__(self, components: dict[str, dict[str, Any]], sample_events: Path) -> None:
        self._components = components
        self._sample_events = sample_events

    def describe(self) -> None:
        """Say of every field what it means and give an example of it, and then of every schema as a whole."""
        for name, schema in self._components.items():
            for field, each in schema.get("properties", {}).items():
                words = told(name, field)
                if words is not None:
                    each.setdefault("description", words.description)
                    if words.example is not NONE_MADE:
                        each["examples"] = [words.example]
        for name, schema in self._components.items():
            schema["examples"] = [self.of_component(name)]

    def of_component(self, name: str) -> Any:
        """An example of the schema `name`."""
        schema = self._components[name]
        if "properties" not in schema:
            return self.of(schema)
        return {field: self.of(each) for field, each in schema["properties"].items() if not _left_out(name, field)}

    def of(self, schema: Mapping[str, Any]) -> Any:
        """An example of `schema`."""
        if "examples" in schema:
            return schema["examples"][0]
        if "$ref" in schema:
            return self.of_component(schema["$ref"].removeprefix(_REF))
        if "anyOf" in schema:
            return self.of(next(each for each in schema["anyOf"] if each != {"type": "null"}))
        if "enum" in schema:
            return next(each for each in schema["enum"] if each is not None)
        kind = schema.get("type")
        match kind[0] if isinstance(kind, list) else kind:
            case "array":
                return [self.of(schema["items"])] if "items" in schema else []
            case "object":
                return {field: self.of(each) for field, each in schema.get("properties", {}).items()}
            case "boolean":
                return schema.get("default", True)
            case "integer" | "number":
                return schema.get("default") or schema.get("minimum", 1)
            case "string":
                return _FORMATS.get(schema.get("format", ""), "U2lnbmV0" if "contentEncoding" in schema else "text")
        return None

    def of_request(self, action: str, body: str) -> Any:
        """What the sample event of `action` sends; where it sends nothing, an example of the schema `body`."""
        sample = self._sample_events / f"{action}.json"
        if sample.exists() and (sent := json.loads(sample.read_text()).get("body")):
            return json.loads(sent)
        return self.of_component(body)

    def of_problem(self, code: str, status: int) -> dict[str, Any]:
        """A problem with `code`."""
        problem: dict[str, Any] = self.of_component("Problem") | {
            "type": f"urn:signet:problem:{code}",
            "title": code.replace("_", " ").capitalize(),
            "status": status,
            "code": code,
        }
        if code != "invalid_input":
            problem["detail"] = problem["title"] + "."
            del problem["errors"]
        return problem


# What a body has only where another field of it is not there, or only of a failure.
_NOT_TOGETHER = {
    ("ActionResult", "problem"),
    ("CreateRequestBody", "distinguished_name"),
    ("CsrBody", "distinguished_name"),
    ("EventBody", "code"),
    ("ExtensionDetails", "error"),
    ("ImportBody", "private_key"),
    ("ImportBody", "private_key_password"),
    ("Problem", "certificate_id"),
}


def _left_out(schema: str, field: str) -> bool:
    return (schema, field) in _NOT_TOGETHER


_TABLES = {
    "event": f"occurred_at,type,outcome,user,alias\r\n{TIME},Certificate Used,done,corp/alice,release-2027\r\n",
    "certificate": f"id,alias,status,valid_to\r\n{CRT},release-2027,enabled,{END}\r\n",
}


def file_content(media_type: str, action: str) -> dict[str, Any]:
    """Schema and example of a file: a text, or bytes as they are."""
    schema: dict[str, Any] = {"type": "string"}
    if not media_type.startswith("text/"):
        # OpenAPI 3.1 says it by the media type alone; generators of clients go by `format`, as in 3.0.
        schema |= {"format": "binary", "contentMediaType": media_type}
    if media_type == "text/csv":
        return {"schema": schema, "example": _TABLES["event" if "event" in action else "certificate"]}
    if media_type in TEXT_FILES:
        return {"schema": schema, "example": TEXT_FILES[media_type]}
    if media_type in DER_FILES:
        return {"schema": schema, "examples": {"file": {"summary": DER_FILES[media_type]}}}
    return {"schema": schema}
