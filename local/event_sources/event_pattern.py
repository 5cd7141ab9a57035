"""Does an event match a pattern: as EventBridge rules and the filters of event source mappings ask it."""

from __future__ import annotations

import ipaddress
import operator
import re
from collections.abc import Mapping
from typing import Any

_COMPARISONS = {"=": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_ABSENT = object()


def matches(pattern: Mapping[str, Any], event: Any) -> bool:
    """Whether `event` matches `pattern` (Amazon EventBridge User Guide, event pattern operators).

    Raises:
        ValueError: the pattern uses an operator that is not known here.
    """
    return all(_field_matches(name, wanted, event) for name, wanted in pattern.items())


def _field_matches(name: str, wanted: Any, event: Any) -> bool:
    if name == "$or":
        return any(matches(alternative, event) for alternative in wanted)
    if isinstance(event, list):  # a pattern looks into each entry of an array
        return any(_field_matches(name, wanted, entry) for entry in event)
    value = event.get(name, _ABSENT) if isinstance(event, dict) else _ABSENT
    if isinstance(wanted, dict):
        return matches(wanted, {} if value is _ABSENT else value)
    values = value if isinstance(value, list) else [value]
    return any(_value_matches(condition, entry) for condition in wanted for entry in values or [_ABSENT])


def _value_matches(condition: Any, value: Any) -> bool:
    if not isinstance(condition, dict):
        return _same(condition, value)
    ((kind, argument),) = condition.items()
    if kind == "exists":
        return (value is not _ABSENT) is argument
    if value is _ABSENT:
        return False
    match kind:
        case "anything-but":
            return _is_anything_but(argument, value)
        case "numeric":
            pairs = zip(argument[::2], argument[1::2], strict=True)
            return _is_number(value) and all(_COMPARISONS[sign](value, bound) for sign, bound in pairs)
        case "cidr":
            return _is_in_network(value, argument)
    return isinstance(value, str) and _text_matches(kind, argument, value)


def _text_matches(kind: str, argument: Any, text: str) -> bool:
    if isinstance(argument, dict):  # {"prefix": {"equals-ignore-case": ...}}
        argument, text = argument["equals-ignore-case"].lower(), text.lower()
    match kind:
        case "prefix":
            return text.startswith(argument)
        case "suffix":
            return text.endswith(argument)
        case "equals-ignore-case":
            return bool(text.lower() == argument.lower())
        case "wildcard":
            return re.fullmatch(".*".join(map(re.escape, argument.split("*"))), text, re.DOTALL) is not None
    raise ValueError(f"the pattern operator {kind} is not known here")


def _is_anything_but(argument: Any, value: Any) -> bool:
    if isinstance(argument, dict):
        ((kind, texts),) = argument.items()
        every = texts if isinstance(texts, list) else [texts]
        return not (isinstance(value, str) and any(_text_matches(kind, text, value) for text in every))
    return not any(_same(entry, value) for entry in (argument if isinstance(argument, list) else [argument]))


def _is_in_network(value: Any, network: str) -> bool:
    try:
        return ipaddress.ip_address(value) in ipaddress.ip_network(network)
    except ValueError:
        return False


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _same(wanted: Any, value: Any) -> bool:
    # Python holds True and 1 for equal, JSON does not.
    return value is not _ABSENT and isinstance(wanted, bool) == isinstance(value, bool) and bool(wanted == value)
