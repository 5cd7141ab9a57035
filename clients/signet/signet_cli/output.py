"""What is printed: data on standard output as a table, JSON, CSV or names; words on standard error."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

_WIDEST = 100_000

words = Console(stderr=True, highlight=False, soft_wrap=True)
"""Everything that is said to a person. Rich leaves colour out where NO_COLOR is set or no terminal listens."""


class Format(StrEnum):
    """How data is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    NAME = "name"


@dataclass(frozen=True)
class Column:
    """One column of a table: its head, and what of an item stands in it."""

    head: str
    value: Callable[[Mapping[str, Any]], Any]


def say(text: str) -> None:
    """Tell the person something."""
    words.print(Text(printable(text)))


def printable(text: object) -> str:
    """`text` without what a terminal obeys instead of showing: a name from a file must not move the cursor."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "\ufffd" for letter in str(text))


def show(items: Iterable[Mapping[str, Any]], columns: Sequence[Column], output: Format, *, name: str = "name") -> None:
    """Print a list, in the form that was asked for; `name` is the field that names an item."""
    rows = list(items)
    match output:
        case Format.JSON:
            print_json(rows)
        case Format.NAME:
            for row in rows:
                print(printable(row.get(name) or row.get("id", "")))
        case Format.CSV:
            writer = csv.writer(sys.stdout)
            writer.writerow([column.head.lower() for column in columns])
            writer.writerows([[printable(_plain(column.value(row))) for column in columns] for row in rows])
        case Format.TABLE:
            table = Table(box=None, pad_edge=False, header_style="bold")
            for column in columns:
                table.add_column(column.head, overflow="fold")
            for row in rows:
                table.add_row(*(Text(printable(_plain(column.value(row)))) for column in columns))
            _print_table(table) if rows else say("There are none.")


def show_one(item: Mapping[str, Any], output: Format, *, name: str = "name") -> None:
    """Print one thing: its fields below one another, or as JSON, CSV or name."""
    match output:
        case Format.JSON:
            print_json(item)
        case Format.NAME:
            print(printable(item.get(name) or item.get("id", "")))
        case Format.CSV:
            writer = csv.writer(sys.stdout)
            writer.writerow(item)
            writer.writerow([printable(_plain(value)) for value in item.values()])
        case Format.TABLE:
            table = Table(box=None, pad_edge=False, show_header=False)
            table.add_column(style="bold")
            table.add_column(overflow="fold")
            for key, value in item.items():
                table.add_row(key.replace("_", " "), Text(printable(_plain(value))))
            _print_table(table)


def _print_table(table: Table) -> None:
    # A terminal folds what is too wide for it; in a pipe each item stays one line, however long.
    console = Console(highlight=False)
    console.print(table) if console.is_terminal else Console(highlight=False, width=_WIDEST).print(table)


def print_json(value: object) -> None:
    """Print `value` as JSON, with letters as they are."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    # What a terminal obeys instead of showing is written as JSON's own escapes: the value stays the same.
    print("".join(letter if letter.isprintable() or letter == "\n" else _escaped(letter) for letter in text))


def _escaped(letter: str) -> str:
    return json.dumps(letter)[1:-1] if letter != "\x7f" else "\\u007f"


def _plain(value: Any) -> str:
    """`value` as one cell."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case Mapping():
            if "name" in value:
                return str(value["name"])
            return ", ".join(f"{key}: {_plain(inner)}" for key, inner in value.items())
        case list() | tuple():
            return ", ".join(_plain(inner) for inner in value)
    return str(value)
