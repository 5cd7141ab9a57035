"""`make breaks` tells a fault that a test notices from one that none does, and leaves the checkout as it was."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.breaks.planting import CHECKOUT, Break, draw, plant

NOTICING = ("test_rule.py::test_more_is_more",)
BLIND = ("test_rule.py::test_nothing_much",)
BROKEN = ("test_rule.py::test_that_always_fails",)

RULE = "def may(years: int) -> bool:\n    return years >= 18\n"
TESTS = """
from rule import may

def test_more_is_more():
    assert may(18) and not may(17)

def test_nothing_much():
    assert may(20)

def test_that_always_fails():
    assert False
"""


def fault(tests: tuple[str, ...], broken: str = "years >= 0") -> Break:
    return Break("rule.py", "years >= 18", broken, tests)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "rule.py").write_text(RULE)
    (tmp_path / "test_rule.py").write_text(TESTS)
    return tmp_path


@pytest.fixture(autouse=True)
def own_folder_of_copies(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("copies")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


def planted(checkout: Path, *breaks: Break) -> tuple[int, list[str]]:
    said: list[str] = []
    return plant(breaks, seed=1, say=said.append, checkout=checkout), said


@pytest.mark.soak
def test_only_a_fault_that_makes_a_sound_test_fail_is_caught_and_the_checkout_stays_as_it_was(checkout: Path) -> None:
    code, said = planted(
        checkout, fault(NOTICING), fault(BLIND), fault(NOTICING, "years >="), fault(BROKEN), fault(BROKEN, "years >= 1")
    )

    assert code == 1
    assert [line.split()[0] for line in said[1:-1]] == ["caught", "UNNOTICED", "UNNOTICED", "UNSOUND", "UNSOUND"]
    assert said[2].endswith("(all passed)")
    assert said[4] == f"UNSOUND   {BROKEN[0]}: without any fault, one failed"
    assert said[-1].startswith("4 failed, 1 passed in ")
    assert (checkout / "rule.py").read_text() == RULE


def test_where_everything_is_caught_the_run_succeeds(checkout: Path) -> None:
    code, said = planted(checkout, fault(NOTICING))

    assert code == 0
    assert said[-1].startswith("1 passed in ")


def test_a_line_that_stands_there_no_longer_is_told_before_anything_is_run(checkout: Path) -> None:
    with pytest.raises(ValueError, match="stands there 0 times"):
        planted(checkout, fault(NOTICING), Break("rule.py", "years > 18", "True", NOTICING))


def test_a_draw_can_be_repeated_by_its_seed_and_another_seed_draws_others() -> None:
    many = [fault(NOTICING, f"years >= {age}") for age in range(17)]

    assert draw(many, 5, 1) == draw(many, 5, 1) != draw(many, 5, 2)
    assert len(set(draw(many, 5, 1))) == 5
    assert draw(many, 99, 1) == many


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_whoever_ends_it_the_copy_is_removed(ending: signal.Signals, own_folder_of_copies: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "tools.breaks"],
        cwd=CHECKOUT,
        env={**os.environ, "TMPDIR": str(own_folder_of_copies), "COUNT": "1"},
        stdout=subprocess.DEVNULL,
    )
    try:
        while not list(own_folder_of_copies.glob("signet-breaks-*")):  # not what Python tries the folder with
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(ending)
        assert process.wait() == 130
    finally:
        process.kill()
    assert list(own_folder_of_copies.iterdir()) == []
