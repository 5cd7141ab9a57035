"""Imports go one way."""

import re
import sys
from pathlib import Path

import pytest

from tests.architecture.house import PACKAGE, ROOT, imports_of


def test_the_contracts_in_pyproject_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(str(PACKAGE.parent))

    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == EXIT_STATUS_SUCCESS


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
