"""Reading plain values of the right types, as JSON gives them, into values that can be trusted.

A reader goes through one object, notes everything wrong with it under its path (`when[0].time_zone`), and raises once
at the end, so that a caller can correct all of a body at a time. Which fields there are, and of which types, was
settled where the body came in.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any, ClassVar, Protocol, TypeVar

from signet.domain.errors import FieldError, InvalidInputError, RequestTooLargeError

MAX_OBJECT_BYTES = 64 * 1024
"""A policy or a role, as JSON: far below the 400 KB of a DynamoDB item, and a thousand of them fit into memory."""

MAX_ERRORS_NAMED = 20
"""Enough to correct a body; a body full of errors is not answered with a longer one."""

_LONGEST_SHOWN = 60

Value = TypeVar("Value")
Choice = TypeVar("Choice", bound=StrEnum)


def shown(value: object) -> str:
    """`value` for a message, cut to a readable length."""
    # Half a character, which JSON can escape and UTF-8 cannot say, would spoil the answer.
    text = json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "replace").decode()
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 3]}..."


def check_size(plain: object, what: str) -> None:
    """Refuse `plain` if its JSON is over 64 KB; `what` names it in the message.

    Raises:
        RequestTooLargeError: it is.
    """
    size = len(json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"))
    if size > MAX_OBJECT_BYTES:
        raise RequestTooLargeError(f"{what} is at most {MAX_OBJECT_BYTES} bytes as JSON, got {size}.")


class Settings(Protocol):
    """A dataclass of what people set of a thing."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    def plain(self) -> dict[str, object]:
        """As JSON has it."""


Changed = TypeVar("Changed", bound=Settings)


def changed(
    settings: Changed,
    changes: Mapping[str, Any],
    parse: Callable[[Mapping[str, Any]], Changed],
    sound: Mapping[str, Any],
) -> Changed:
    """`settings` with the fields of `changes`, as JSON has them, in place of what was there; raises as `parse` does.

    Only what says something else than before is judged: what was accepted under older rules does not stand in the way
    of another change. `sound`, to which `parse` has nothing to object, takes the place of the rest.
    """
    new = _newly_set(changes, settings.plain())
    read = parse({**sound, **new})
    return replace(settings, **{name: getattr(read, name) for name in new})


def _newly_set(changes: Mapping[str, object], before: Mapping[str, object]) -> dict[str, object]:
    def text(value: object) -> str:
        return json.dumps(value, sort_keys=True)  # Not by `==`: a list that was sent is a tuple.

    return {name: new for name, new in changes.items() if name not in before or text(new) != text(before[name])}


class ObjectReader:
    """Reads the fields of one object; an absent field and a null are the same."""

    def __init__(self, fields: Mapping[str, Any], path: str = "", errors: list[FieldError] | None = None) -> None:
        self._fields = fields
        self._path = path
        self._errors = [] if errors is None else errors

    def has(self, field: str) -> bool:
        """Whether `field` has a value, good or bad; an empty list is none."""
        return self._fields.get(field) not in (None, [], ())

    def path_to(self, field: str) -> str:
        """The path of `field` from the body's top."""
        return ".".join(part for part in (self._path, field) if part)

    def refuse(self, field: str, message: str) -> None:
        """Note that `field` (or the object itself, by an empty name) cannot be accepted."""
        self._errors.append(FieldError(self.path_to(field), message))

    def text(self, field: str, parse: Callable[[str], Value], default: Value) -> Value:
        """The string in `field` as `parse` makes of it; a ValueError of `parse` is noted with its message."""
        value = self._fields.get(field)
        return default if value is None else self._parsed(field, value, parse, default)

    def whole_number(self, field: str, *, least: int, most: int, default: Value) -> int | Value:
        """A whole number within the bounds, both included."""
        value: int | None = self._fields.get(field)
        if value is None:
            return default
        if not least <= value <= most:
            self.refuse(field, f"must be a whole number from {least} to {most}, got {shown(value)}")
            return default
        return value

    def texts(self, field: str, parse: Callable[[str], Value], *, most: int) -> tuple[Value, ...]:
        """A list of at most `most` strings, each as `parse` makes of it; one that comes twice is kept once."""
        found: dict[Value, None] = {}
        for index, value in enumerate(self._list(field, most)):
            parsed = self._parsed(f"{field}[{index}]", value, parse, None)
            if parsed is not None:
                found[parsed] = None
        return tuple(found)

    def choices(self, field: str, choices: type[Choice]) -> tuple[Choice, ...]:
        """A list of names in `choices`, in the order in which these are declared."""
        named = set(self.texts(field, _one_of(choices), most=4 * len(choices)))
        return tuple(choice for choice in choices if choice in named)

    def nested(self, field: str) -> "ObjectReader":
        """The object in `field`, to be read on; its errors are noted here."""
        return ObjectReader(self._fields.get(field) or {}, self.path_to(field), self._errors)

    def nested_list(self, field: str, *, most: int) -> "list[ObjectReader]":
        """The list of objects in `field`, each to be read on."""
        return [
            ObjectReader(value, self.path_to(f"{field}[{index}]"), self._errors)
            for index, value in enumerate(self._list(field, most))
        ]

    def finish(self) -> None:
        """Raise what was noted, here and in every object within.

        Raises:
            InvalidInputError: with the first 20 errors.
        """
        if self._errors:
            raise InvalidInputError(*self._errors[:MAX_ERRORS_NAMED])

    def _list(self, field: str, most: int) -> Sequence[Any]:
        value: Sequence[Any] = self._fields.get(field) or ()
        if len(value) > most:
            self.refuse(field, f"must have at most {most} entries, got {len(value)}")
            return ()
        return value

    def _parsed(self, field: str, value: str, parse: Callable[[str], Value], default: Value) -> Value:
        try:
            return parse(value)
        except ValueError as error:
            self.refuse(field, str(error))
            return default


def _one_of(choices: type[Choice]) -> Callable[[str], Choice]:
    def parse(text: str) -> Choice:
        try:
            return choices(text)
        except ValueError:
            raise ValueError(f"must be one of {', '.join(choices)}, got {shown(text)}") from None

    return parse
