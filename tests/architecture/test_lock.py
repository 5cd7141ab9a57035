"""What is deployed is what the tests ran with: the lock, the layer's list and this environment agree."""

import importlib.metadata
import re
import tomllib

import pytest

from tests.architecture.source_tree import ROOT

LOCKED = {package["name"]: package for package in tomllib.loads((ROOT / "uv.lock").read_text())["package"]}
REQUIREMENTS = (ROOT / "layers/third_party/requirements.txt").read_text()
IN_LAYER = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", REQUIREMENTS, flags=re.MULTILINE))


def needed_by(names: set[str]) -> set[str]:
    """`names` and everything they need, by the lock."""
    found: set[str] = set()
    waiting = set(names)
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= {each["name"] for each in LOCKED[name].get("dependencies", [])} - found
    return found


def test_the_layer_holds_what_the_project_depends_on_and_nothing_else() -> None:
    direct = {each["name"] for each in LOCKED["signet"]["dependencies"]}

    assert set(IN_LAYER) == needed_by(direct)


@pytest.mark.parametrize("name", sorted(IN_LAYER))
def test_the_layers_version_is_the_locks_and_the_one_the_tests_run_with(name: str) -> None:
    assert IN_LAYER[name] == LOCKED[name]["version"] == importlib.metadata.version(name)


@pytest.mark.parametrize("name", sorted(IN_LAYER))
def test_the_layer_accepts_only_files_that_the_lock_names(name: str) -> None:
    block = re.search(rf"^{name}==(?:.*\\\n)*.*", REQUIREMENTS, flags=re.MULTILINE)
    package = LOCKED[name]
    files = [*package["wheels"], *([package["sdist"]] if "sdist" in package else [])]

    assert block
    assert set(re.findall(r"--hash=(sha256:[0-9a-f]{64})", block[0])) == {file["hash"] for file in files}


def test_boto3_and_botocore_come_from_the_same_place() -> None:
    assert {"boto3", "botocore"} <= set(IN_LAYER)
