"""JSON from outside, read strictly."""

import json
from typing import Any


def json_object(content: bytes) -> dict[str, Any]:
    """The JSON object that `content` is.

    UTF-8, no name twice, no NaN: parsers would read these differently (RFC 8725, 3.7; RFC 8259, 4).

    Raises:
        ValueError: it is no JSON.
        TypeError: it is no object.
    """
    try:
        parsed = json.loads(content.decode(), object_pairs_hook=_without_doubles, parse_constant=_no_constant)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not isinstance(parsed, dict):
        raise TypeError("it is not a JSON object")
    return parsed


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name occurs twice")
    return members


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")
