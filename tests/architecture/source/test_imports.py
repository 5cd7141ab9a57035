"""Imports go one way."""

import os
import re
import subprocess
import sys

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


def test_the_domain_imports_only_itself_and_the_standard_library() -> None:
    foreign = {
        f"{module.relative_to(PACKAGE)}: {name}"
        for module in (PACKAGE / "domain").rglob("*.py")
        for name in imports_of(module)
        if not name.startswith("signet.domain.") and name.partition(".")[0] not in sys.stdlib_module_names
    }

    assert not foreign


def test_only_settings_reads_the_environment() -> None:
    reading = {
        str(module.relative_to(PACKAGE))
        for module in PACKAGE.rglob("*.py")
        if re.search(r"\benviron\b|\bgetenv\b", module.read_text())
    }

    assert reading == {"settings.py"}
