"""A table for a spreadsheet: everything comes back as it was, and no cell is a formula."""

import csv
import io

import pytest

from signet.api.answering.spreadsheet import table


def rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_a_cell_that_a_spreadsheet_would_work_out_is_a_text(sign: str) -> None:
    assert rows(table(["alias"], [[f"{sign}1+1"]])) == [["alias"], [f"'{sign}1+1"]]


@pytest.mark.parametrize("cell", ["", "a=b", "a,b", 'say "yes"', "two\r\nlines", "Сертификат", "1-2", "'quoted"])
def test_any_other_cell_is_left_as_it_is(cell: str) -> None:
    assert rows(table(["a", "b"], [[cell, "x"]])) == [["a", "b"], [cell, "x"]]


def test_half_a_character_spoils_no_table() -> None:
    assert rows(table(["a"], [["\ud800x"]])) == [["a"], ["?x"]]
