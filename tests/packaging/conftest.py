"""Builds what is deployed, once, and a third-party layer of the same list that this machine's processor can run.

To build takes a minute, so whatever asks for it is marked `packaging`, and run by `make packaging`.
"""

import fcntl
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tools.shifted_clock import unshifted

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / ".tools"
DEPLOYED_PYTHON = TOOLS / "deployed/python3.13"


@pytest.hookimpl(tryfirst=True)  # before `-m` leaves out what is marked
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what asks for the folder that is built, however it comes by it."""
    for item in items:
        if "built" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.packaging)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `make build` fills."""
    if not (TOOLS / "sam/.ready").exists():
        pytest.skip("the SAM CLI is not here; `make packaging` brings it")
    if not DEPLOYED_PYTHON.exists():
        pytest.skip("SAM builds only with the deployed Python, 3.13, which this machine does not have")
    with _once_for_all(tmp_path_factory, "built") as (folder, is_new):
        if is_new:
            _run("make", "-C", str(ROOT), "build", f"BUILD_DIR={folder}")
        return folder


@pytest.fixture(scope="session")
def layers(built: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """What Lambda would put on the path, in its order, but for this machine's processor.

    Signet's own layer is the built one; of the third-party layer, which is for arm64, the same Makefile makes another
    from the same hashes.
    """
    system = "apple-darwin" if sys.platform == "darwin" else "manylinux_2_28"
    machine = {"arm64": "aarch64", "AMD64": "x86_64"}.get(platform.machine(), platform.machine())
    source = ROOT / "layers/third_party"
    with _once_for_all(tmp_path_factory, "third_party") as (folder, is_new):
        variables = {
            "ARTIFACTS_DIR": folder,
            "PLATFORM": f"{machine}-{system}",
            "UV": TOOLS / "uv/bin/uv",
            "PYTHON": DEPLOYED_PYTHON,
        }
        given = (f"{name}={value}" for name, value in variables.items())
        if is_new:
            _run("make", "-C", str(source), "build-ThirdPartyLayer", *given)
    return [folder / "python", built / "SignetLayer/python"]


@contextmanager
def _once_for_all(tmp_path_factory: pytest.TempPathFactory, name: str) -> Iterator[tuple[Path, bool]]:
    """A folder that all processes of a test run share, and whether it is still to be filled."""
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    folder, done = root / name, root / f"{name}.done"
    with (root / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder, not done.exists()
        done.touch()


def _run(*command: str) -> None:
    # An inner make must not take the flags of the one that runs this. It downloads, so its clock is right.
    environment = {
        name: value for name, value in unshifted(os.environ).items() if name not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}
    }
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
