"""What is said of programs that are not installed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

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


def test_what_may_not_be_installed_is_named_and_fails_no_build(tmp_path: Path) -> None:
    # Somebody who is not root, on a machine with next to nothing.
    (tmp_path / "id").write_text("#!/bin/sh\necho 1000\n")
    (tmp_path / "id").chmod(0o700)
    for name in ("bash", "dirname", "env"):
        (tmp_path / name).symlink_to(shutil.which(name) or f"/bin/{name}")

    done = subprocess.run(
        [CHECKOUT / "tools" / "install-clients"],
        env={"PATH": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0
    assert done.stderr.startswith("Not installed, and not to be had here: ")
    assert "osslsigncode, " in done.stderr
