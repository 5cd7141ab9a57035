"""What is printed, and that nothing in it is obeyed by a terminal."""

import csv
import io
import json

import pytest

from signet_cli.output import Column, Format, say, show, show_one

HOSTILE = "release\x1b[31m\x9b1m\x7f\u202e\n=1+1"
ITEMS = [{"name": HOSTILE, "id": "x_1", "groups": [{"id": "grp_1", "name": "Release"}], "used": None, "on": True}]
COLUMNS = (
    Column("NAME", lambda item: item["name"]),
    Column("GROUPS", lambda item: item["groups"]),
    Column("USED", lambda item: item["used"]),
    Column("ON", lambda item: item["on"]),
)


@pytest.mark.parametrize("output", list(Format))
def test_no_control_character_of_a_name_reaches_the_terminal(
    output: Format, capsys: pytest.CaptureFixture[str]
) -> None:
    show(ITEMS, COLUMNS, output)
    show_one(ITEMS[0], output)
    say(HOSTILE)

    told = capsys.readouterr()
    assert not [letter for letter in told.out + told.err if not letter.isprintable() and letter not in "\r\n"]


def test_json_holds_exactly_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    show(ITEMS, COLUMNS, Format.JSON)

    assert json.loads(capsys.readouterr().out) == ITEMS


def test_csv_has_a_head_and_a_row_for_each(capsys: pytest.CaptureFixture[str]) -> None:
    show([{**ITEMS[0], "name": 'a, "b"'}], COLUMNS, Format.CSV)

    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert rows == [["name", "groups", "used", "on"], ['a, "b"', "Release", "", "yes"]]


def test_data_goes_to_standard_output_and_words_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    show([], COLUMNS, Format.TABLE)
    say("Written.")

    told = capsys.readouterr()
    assert (told.out, "There are none." in told.err) == ("", True)


def test_a_table_into_a_pipe_has_no_colour_and_whole_names(capsys: pytest.CaptureFixture[str]) -> None:
    name = "a" * 300
    show([{**ITEMS[0], "name": name}], COLUMNS, Format.TABLE)

    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert name in out
