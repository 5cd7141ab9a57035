"""No folder or module has a name that says nothing, and no file knows the machine it was written on."""

import re
import subprocess

import pytest

from tests.architecture.house import ROOT

FILES = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "core", "base", "manager", "misc", "shared"}
OF_ONE_MACHINE = re.compile(rb"/(?:root|work|home/\w+)/|\.pyenv/versions/\d")


def test_no_folder_or_module_has_a_name_that_says_nothing() -> None:
    assert not [file for file in FILES if SAY_NOTHING & {part.partition(".")[0] for part in file.split("/")}]


@pytest.mark.parametrize(
    "file", [file for file in FILES if "/fixtures/" not in file and not file.endswith("test_words.py")]
)
def test_no_file_names_a_path_of_one_machine(file: str) -> None:
    path = ROOT / file
    if path.is_file():
        assert not OF_ONE_MACHINE.search(path.read_bytes())
