"""Tables for a spreadsheet: CSV (RFC 4180) whose cells are never taken for formulas."""

import csv
import io
from collections.abc import Iterable, Sequence

CSV = "text/csv; charset=utf-8"

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What OWASP's page on CSV injection lists; the full-width signs at its end are as good to a spreadsheet as = + - @."""


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """`rows` under `columns`, as UTF-8; half a character becomes a question mark, since UTF-8 has none."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8", "replace")


def _cell(value: str) -> str:
    return f"'{value}" if value.startswith(_STARTS_A_FORMULA) else value
