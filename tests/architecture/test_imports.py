"""Imports go one way."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source_tree import PACKAGE, ROOT, imports_of


def test_the_contracts_in_pyproject_hold() -> None:
    # In a process of its own: it sets up logging again, and would silence the loggers that other tests listen to.
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-cache",
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(PACKAGE.parent)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("module", sorted((PACKAGE / "domain").rglob("*.py")), ids=lambda path: path.stem)
def test_the_domain_imports_only_itself_and_the_standard_library(module: Path) -> None:
    foreign = {
        name
        for name in imports_of(module)
        if not name.startswith("signet.domain.") and name.partition(".")[0] not in sys.stdlib_module_names
    }

    assert not foreign


@pytest.mark.parametrize(
    "module",
    sorted(path for path in PACKAGE.rglob("*.py") if path.name != "settings.py"),
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_only_settings_reads_the_environment(module: Path) -> None:
    assert not re.search(r"\benviron\b|\bgetenv\b", module.read_text())
