"""What is said of a body or query that has not the shape asked for: from the shape itself, in plain words.

msgspec finds the fault and says where. Its own sentences name types of Python and no enumeration's values, so of them
only the place and the kind of fault are read; what would do instead is taken from the type that is declared there.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from msgspec import inspect as shapes

from signet.domain.errors import FieldError, InvalidInputError

MAX_FIELD_NAME_CHARACTERS = 64
"""How much of the name of an unknown field is repeated."""

_AT = re.compile(r"(?P<message>.*?)(?: - at `(?P<key>key` in `)?\$(?P<path>.*)`)?", re.DOTALL)
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>.*)`", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<name>.*)`", re.DOTALL)
_GOT = re.compile(r"Expected .*, got `(?P<kind>[a-z]+)`", re.DOTALL)
_STEP = re.compile(r"\.(?P<field>[^.\[]+)|\[(?P<index>\d+|\.\.\.)\]")
_KINDS = {
    "str": "a text",
    "int": "a whole number",
    "float": "a number with a fraction",
    "bool": "true or false",
    "null": "null",
    "array": "a list",
    "object": "an object",
}
_OTHER = "of another kind"
"""Where there are no words; a test proves that no body and no query comes to it."""
_FORMATS = {
    "base64": "a text in standard base64",
    "date-time": "a time as in RFC 3339, such as 2026-11-22T13:00:00Z",
    "date": "a day, such as 2026-11-22",
    "time": "a time of day, such as 08:30",
}


def invalid_input(error: msgspec.ValidationError, shape: type, *, in_query: bool = False) -> InvalidInputError:
    """What `error` found in a value that should have been of `shape`: which field, and what would do.

    A query string cannot say null or a number, so of one neither is told.
    """
    match = _AT.fullmatch(str(error))
    message, path = (match["message"], match["path"] or "") if match else ("", "")
    if unknown := _UNKNOWN.fullmatch(message):
        kind = "parameter" if in_query else "field"
        names = _fields(_at(shape, path))
        known = f"; the {kind}s are {', '.join(names)}" if names else "; there are none"
        return _fault(path, unknown["name"][:MAX_FIELD_NAME_CHARACTERS], f"is not a {kind} here{known}")
    if missing := _MISSING.fullmatch(message):
        wanted = _at(shape, f"{path}.{missing['name']}")
        return _fault(
            path,
            missing["name"],
            "is required" + ("" if wanted is None else f": {described(wanted, in_query=in_query)}"),
        )
    got = _GOT.fullmatch(message)
    place = _at(shape, path)
    would_do = _OTHER if place is None else described(place, in_query=in_query)
    came = f", got {_KINDS[got['kind']]}" if got and got["kind"] in _KINDS and not in_query else ""
    return _fault(path, "", f"must be {would_do}{came}")


def described(wanted: shapes.Type, *, in_query: bool = False) -> str:
    """What `wanted` takes, as the end of a sentence that begins "must be"."""
    parts: list[str] = []
    choices: list[str] = []
    for kind in _alternatives(wanted):
        match kind:
            case shapes.EnumType(cls=enumeration):
                choices += [str(each.value) for each in enumeration]
            case shapes.LiteralType(values=values):
                choices += [str(value) for value in values if value is not None]
                parts += ["null"] * (None in values)
            case _:
                parts.append(_words(kind))
    if len(choices) == 1:
        parts.insert(0, f'"{choices[0]}"')
    elif choices:
        parts.insert(0, f"one of {', '.join(choices)}")
    return " or ".join(part for part in dict.fromkeys(parts) if not (in_query and part == "null"))


def _words(kind: shapes.Type) -> str:
    match kind:
        case shapes.Metadata(type=shapes.StrType() as text, extra_json_schema=told):
            return _text(text, told or {})
        case shapes.Metadata(type=inner):
            return _words(inner)
        case shapes.StrType():
            return _text(kind, {})
        case shapes.IntType(ge=least, le=most):
            return "a whole number" + _bounds(least, most, "")
        case shapes.BoolType():
            return "true or false"
        case shapes.NoneType():
            return "null"
        case shapes.VarTupleType(min_length=least, max_length=most):
            return "a list" + _bounds(least, most, "entries")
        case shapes.StructType():
            return f"an object ({', '.join(_fields(kind))})"
    return _OTHER


def _text(text: shapes.StrType, told: dict[str, Any]) -> str:
    told_format = _FORMATS.get(told.get("contentEncoding") or told.get("format") or "")
    if "enum" in told:
        return f"one of {', '.join(told['enum'])}"
    least, most = (told.get("minLength", text.min_length), told.get("maxLength", text.max_length))
    return told_format or "a text" + _bounds(least, most, "characters")


def _bounds(least: int | None, most: int | None, unit: str) -> str:
    of = f" {unit}" if unit else ""
    word = "of" if unit else "from"
    if least is not None and most is not None:
        return f" {word} {least} to {most}{of}"
    if most is not None:
        return f" of at most {most}{of}"
    return "" if least is None else f" of at least {least}{of}"


def _at(shape: type, path: str) -> shapes.Type | None:
    """What is declared at `path`, `.subject.country` or `.certificates[1]`; None where nothing is."""
    place: shapes.Type | None = shapes.type_info(shape)
    for step in _STEP.finditer(path):
        if place is None:
            return None
        place = next(_steps(place, step["field"]), None)
    return place


def _steps(place: shapes.Type, field: str | None) -> Iterator[shapes.Type]:
    for kind in _alternatives(place):
        if field is None and isinstance(kind, shapes.VarTupleType):
            yield kind.item_type
        if field is not None and isinstance(kind, shapes.StructType):
            yield from (each.type for each in kind.fields if each.encode_name == field)


def _alternatives(wanted: shapes.Type) -> Iterable[shapes.Type]:
    return wanted.types if isinstance(wanted, shapes.UnionType) else (wanted,)


def _fields(place: shapes.Type | None) -> list[str]:
    """The names of what an object at `place` may have."""
    kinds = () if place is None else _alternatives(place)
    return [each.encode_name for kind in kinds if isinstance(kind, shapes.StructType) for each in kind.fields]


def _fault(path: str, name: str, message: str) -> InvalidInputError:
    return InvalidInputError(FieldError(".".join(part for part in (path.removeprefix("."), name) if part), message))
