"""The table of planted faults is of the code and the tests as they are; to plant them, `make breaks`, takes minutes."""

import ast
import functools
from pathlib import Path

import pytest

from tools.breaks.__main__ import BREAKS
from tools.breaks.planting import CHECKOUT, Break

EVERY = [each for floor in BREAKS.values() for each in floor]


@functools.cache
def names_in(path: Path) -> set[str]:
    return {node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)}


def test_sixty_faults_and_more_are_planted_and_some_on_each_floor() -> None:
    assert len(set(EVERY)) == len(EVERY) >= 60
    assert all(BREAKS.values())


@pytest.mark.parametrize("planted", EVERY, ids=lambda each: each.name)
def test_the_line_that_a_fault_replaces_stands_in_its_file_once(planted: Break) -> None:
    text = (CHECKOUT / planted.file).read_text()

    assert planted.planted_in(text) != text


@pytest.mark.parametrize("planted", EVERY, ids=lambda each: each.name)
def test_the_tests_that_should_notice_a_fault_are_there(planted: Break) -> None:
    assert planted.tests
    for test in planted.tests:
        file, _, name = test.partition("[")[0].partition("::")
        assert (CHECKOUT / file).exists(), test
        assert not name or name in names_in(CHECKOUT / file), test
