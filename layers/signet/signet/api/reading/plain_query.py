"""Query strings as the plain values that structs are made of: nothing is guessed, and nothing is taken for null."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, get_args

import msgspec

from signet.domain.errors import InvalidInputError

_WHOLE_NUMBER = re.compile(r"0|[1-9][0-9]{0,8}")


def plain_values(query: Mapping[str, str], shape: type) -> dict[str, Any]:
    """The values of `query` for `shape`: digits as a number where it has one, all others as the text that they are.

    Raises:
        InvalidInputError: an empty value, which would be another way to leave a parameter out, or a number that is not
            written in plain digits.
    """
    numbers = _numbers_of(shape)
    values: dict[str, Any] = {}
    for name, text in query.items():
        if name in numbers:
            if not _WHOLE_NUMBER.fullmatch(text):
                raise InvalidInputError.at(name, "must be a whole number in the digits 0 to 9, as in 50")
            values[name] = int(text)
        elif not text and name != "cursor":  # What is no cursor of ours has a code of its own.
            raise InvalidInputError.at(name[:64], "must not be empty; leave the parameter out for all")
        else:
            values[name] = text
    return values


@cache  # Of a type of ours, at every request.
def _numbers_of(shape: type) -> frozenset[str]:
    """The parameters of `shape` that are numbers."""
    fields = msgspec.structs.fields(shape)
    return frozenset(each.encode_name for each in fields if each.type is int or int in get_args(each.type))
