"""What is said of programs that are not installed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.programs.signet_command import CHECKOUT

SKIPPED = """
import pytest

@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.skipif(True, reason="not installed: osslsigncode, tmux")
def test_that_needs_two_programs(number): ...

@pytest.mark.skip(reason="for another reason")
def test_that_needs_none(): ...
"""


def test_the_end_of_a_test_run_names_the_programs_that_it_did_without(tmp_path: Path) -> None:
    (tmp_path / "test_skipped.py").write_text(SKIPPED)
    run = (sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "-p", "tests.conftest", "-p", "no:cacheprovider")

    done = subprocess.run(
        [*run, "--rootdir", tmp_path, tmp_path],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(CHECKOUT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "Not installed, and so not tested with: osslsigncode (2 tests), tmux (2 tests)\n" in done.stdout


@pytest.fixture
def next_to_nothing(tmp_path: Path) -> Path:
    """A PATH with next to nothing on it, for somebody who is not root."""
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "id").write_text("#!/bin/sh\necho 1000\n")
    (folder / "id").chmod(0o700)
    for name in ("bash", "dirname", "env", "mkdir"):
        (folder / name).symlink_to(shutil.which(name) or f"/bin/{name}")
    return folder


def test_what_may_not_be_installed_is_named_and_fails_no_build(tmp_path: Path, next_to_nothing: Path) -> None:

    done = subprocess.run(
        [CHECKOUT / "tools" / "install-clients"],
        env={"PATH": str(next_to_nothing)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0
    assert done.stderr.startswith("Not installed, and not to be had here: ")
    assert "osslsigncode, " in done.stderr


def install_browser(tmp_path: Path, programs: Path) -> subprocess.CompletedProcess[str]:
    """Run tools/install-browser in a checkout that nothing was done in."""
    tools = tmp_path / "checkout" / "tools"
    tools.mkdir(parents=True)
    shutil.copy2(CHECKOUT / "tools" / "install-browser", tools)
    return subprocess.run(
        [tools / "install-browser"], env={"PATH": str(programs)}, capture_output=True, text=True, check=False
    )


def test_where_no_browser_is_to_be_had_one_line_says_how_and_no_build_fails(
    tmp_path: Path, next_to_nothing: Path
) -> None:
    done = install_browser(tmp_path, next_to_nothing)

    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.splitlines() == [
        "No Chromium is here, nor to be had, so the console is not tested in a browser: apt-get install chromium"
    ]


def test_a_browser_that_is_there_costs_nothing(tmp_path: Path, next_to_nothing: Path) -> None:
    (next_to_nothing / "chromium").write_text("#!/bin/sh\necho Chromium 159\n")
    (next_to_nothing / "chromium").chmod(0o700)

    done = install_browser(tmp_path, next_to_nothing)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not (tmp_path / "checkout/.tools").exists()
