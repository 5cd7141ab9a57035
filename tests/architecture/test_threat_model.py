"""The threat model names tests that exist, for every threat and every advisory."""

import re

import pytest

from tests.architecture.source_tree import ROOT

TEXT = (ROOT / "docs/threat-model.md").read_text()
NAMED = re.compile(r"`((?:\w+/)+test_\w+\.py)(?:::(test_\w+))?`")
ROWS = [
    line
    for table in re.findall(r"^\|.* shown by \|\n\|[-|]+\|\n((?:\|.*\n)+)", TEXT, re.MULTILINE)
    for line in table.splitlines()
]


def test_every_kind_of_table_is_read() -> None:
    assert len(re.findall(r"shown by \|$", TEXT, re.MULTILINE)) == 6
    assert len(ROWS) > 50


@pytest.mark.parametrize("row", ROWS, ids=lambda row: " ".join(row.split()[1:8]))
def test_a_threat_names_tests_that_exist(row: str) -> None:
    named = NAMED.findall(row.rpartition(" | ")[2])

    assert named
    assert row.rpartition(" | ")[2].count("`") == 2 * len(named)
    for file, test in named:
        source = (ROOT / "tests" / file).read_text()
        assert re.search(rf"^def {test}\(" if test else r"^def test_", source, re.MULTILINE), f"{file}::{test}"


def test_each_advisory_stands_there_once() -> None:
    advisories = re.findall(r"^\| (GHSA(?:-\w{4}){3}) ", TEXT, re.MULTILINE)

    assert len(advisories) == len(set(advisories)) == 12
    assert "has twelve\nadvisories" in TEXT
