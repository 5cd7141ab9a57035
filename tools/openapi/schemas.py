"""What bodies, queries and answers look like, as JSON Schema that generators of clients take: from their types."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

from tools.openapi.examples import Examples
from tools.openapi.fields import told

SCHEMAS = "#/components/schemas/"
SAMPLE_EVENTS = Path(__file__).resolve().parents[2] / "events"


class Schemas:
    """What bodies, queries and answers look like, as JSON Schema."""

    def __init__(self, kinds: Iterable[type]) -> None:
        types = sorted(set(kinds), key=lambda kind: kind.__name__)
        _, components = msgspec.json.schema_components(types, ref_template=SCHEMAS + "{name}")
        classes = {each.__name__: each for kind in types for each in _reachable(msgspec.inspect.type_info(kind))}
        for name, schema in components.items():
            if name in classes:
                _describe(schema, classes[name])
        for schema in components.values():
            _give_items(schema)
            _simplify_nulls(schema)
        self.components = {name: components[name] for name in sorted(components)}
        self.examples = Examples(self.components, SAMPLE_EVENTS)
        self.examples.describe()

    def query(self, kind: type) -> list[dict[str, Any]]:
        """The parameters that a query string may have."""
        _, components = msgspec.json.schema_components([kind], ref_template=SCHEMAS + "{name}")
        own = components.pop(kind.__name__)
        _describe(own, kind)
        self.components.update({name: each for name, each in components.items() if name not in self.components})
        return [_query_parameter(kind.__name__, name, each, self.examples) for name, each in own["properties"].items()]


def _query_parameter(kind: str, name: str, schema: dict[str, Any], examples: Examples) -> dict[str, Any]:
    words = told(kind, name)
    description = schema.pop("description", None) or (words and words.description)
    # A query string cannot say null: a parameter without a value is left out.
    if schema.get("default", 0) is None:
        del schema["default"]
    alternatives = [each for each in schema.pop("anyOf", []) if each != {"type": "null"}]
    if "enum" in schema:
        schema["enum"] = [each for each in schema["enum"] if each is not None]
    schema = {
        **schema,
        **(alternatives[0] if len(alternatives) == 1 else {"anyOf": alternatives} if alternatives else {}),
    }
    return {
        "name": name,
        "in": "query",
        **({"description": description} if description else {}),
        "schema": schema,
        "example": words.example if words and isinstance(words.example, str | int) else examples.of(schema),
    }


def _reachable(info: Any, seen: set[type] | None = None) -> Iterator[type]:
    """Every struct and dataclass that `info` is made of."""
    seen = set() if seen is None else seen
    kind = getattr(info, "cls", None)
    if isinstance(kind, type):
        if kind in seen:
            return
        seen.add(kind)
        if hasattr(info, "fields"):
            yield kind
    for part in _parts(info):
        yield from _reachable(part, seen)


def _parts(info: Any) -> Iterator[Any]:
    for field in getattr(info, "fields", ()):
        yield field.type
    for name in ("types", "item_types"):
        yield from getattr(info, name, ())
    for name in ("type", "item_type", "key_type", "value_type"):
        part = getattr(info, name, None)
        if isinstance(part, msgspec.inspect.Type):
            yield part


def _give_items(schema: Any) -> None:
    """Say of every list what it is of, if only that it may be of anything: generators of clients stop without it."""
    if isinstance(schema, dict):
        if schema.get("type") == "array":
            schema.setdefault("items", {})
        for part in schema.values():
            _give_items(part)
    elif isinstance(schema, list):
        for part in schema:
            _give_items(part)


def _simplify_nulls(schema: Any) -> None:
    """Write "a text or null" as one schema with two types: a generator of clients took two such for one another."""
    if isinstance(schema, dict):
        alternatives = schema.get("anyOf", [])
        others = [each for each in alternatives if each != {"type": "null"}]
        if len(others) == 1 < len(alternatives) and isinstance(others[0].get("type"), str) and "enum" not in others[0]:
            del schema["anyOf"]
            schema |= {**others[0], "type": [others[0]["type"], "null"]}
        for part in schema.values():
            _simplify_nulls(part)
    elif isinstance(schema, list):
        for part in schema:
            _simplify_nulls(part)


def _describe(schema: dict[str, Any], kind: type) -> None:
    """Put the docstrings of the fields of `kind` into its schema."""
    texts = _field_docstrings(kind)
    schema["description"] = inspect.getdoc(kind) or ""
    for field in msgspec.inspect.type_info(kind).fields:  # type: ignore[attr-defined]
        if field.name in texts:
            schema["properties"][field.encode_name]["description"] = texts[field.name]


def _field_docstrings(kind: type) -> dict[str, str]:
    """What stands under each field of a class, those it inherits included."""
    texts = {}
    for each in reversed(kind.__mro__):
        if each.__module__.startswith("signet."):
            body: list[ast.stmt] = ast.parse(textwrap.dedent(inspect.getsource(each))).body[0].body  # type: ignore[attr-defined]
            for above, below in pairwise(body):
                match above, below:
                    case (
                        ast.AnnAssign(target=ast.Name(id=name)),
                        ast.Expr(value=ast.Constant(value=str(text))),
                    ):
                        texts[name] = inspect.cleandoc(text)
    return texts
