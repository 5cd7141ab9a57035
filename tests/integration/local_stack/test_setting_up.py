"""`make` on a fresh checkout: it just works, or says in one line what is in the way.

Each of these sets up environments of its own from the package registries, so they are long.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tools.shifted_clock import unshifted

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.soak

# With these, whatever asks the network finds nobody there.
NO_NETWORK = {
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
    "UV_INDEX_URL": "http://127.0.0.1:9/simple",
    "UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple",
}


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A clone that nothing was done in."""
    folder = tmp_path / "signet"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.rstrip("\0").split("\0"):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


def environment(home: Path | None, **more: str) -> dict[str, str]:
    """One with nothing of ours in it. Without a network, nothing that was fetched earlier either."""
    found = {"PATH": os.environ["PATH"], **({} if home is None else {"HOME": str(home)}), **more}
    return unshifted({**found, **{name: value for name, value in os.environ.items() if name == "FAKETIME"}})


def make(folder: Path, *arguments: str, home: Path | None, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env=environment(home, **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def is_usable(folder: Path) -> bool:
    """Whether what was set up runs, from where it is now."""
    told = subprocess.run(
        [folder / ".venv/bin/pytest", "--version"], cwd=folder, capture_output=True, text=True, check=False
    )
    shebang = (folder / ".venv/bin/pytest").read_text(errors="replace").splitlines()
    return told.returncode == 0 and any(str(folder) in line for line in shebang[:3])


def test_two_at_once_set_up_once_and_a_moved_folder_and_a_lost_interpreter_are_set_up_again(
    fresh: Path, tmp_path: Path
) -> None:
    both = [
        subprocess.Popen(
            ["make", ".venv/.ready"], cwd=fresh, env=environment(tmp_path), stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    told = [one.communicate(timeout=600)[1] for one in both]
    assert [one.returncode for one in both] == [0, 0], told
    assert is_usable(fresh)

    moved = fresh.rename(tmp_path / "moved here")
    done = make(moved, ".venv/.ready", home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "is set up again" in done.stderr
    assert is_usable(moved)

    for python in (moved / ".venv/bin/python", moved / ".tools/uv/bin/python"):
        python.unlink()
        python.symlink_to("/nowhere/bin/python3.13")
    done = make(moved, ".venv/.ready", home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert is_usable(moved)

    again = make(moved, ".venv/.ready", home=tmp_path)
    assert again.returncode == 0
    assert "set up" not in again.stderr


@pytest.mark.parametrize("home", [None, Path("/dev/null"), Path("/proc/self")])
def test_without_a_home_that_can_be_written_to_it_works_all_the_same(fresh: Path, home: Path | None) -> None:
    done = make(fresh, ".venv/.ready", home=home)

    assert done.returncode == 0, done.stderr
    assert is_usable(fresh)


def test_without_a_network_one_line_says_so(fresh: Path, tmp_path: Path) -> None:
    done = make(fresh, ".venv/.ready", home=tmp_path, **NO_NETWORK)

    assert done.returncode != 0
    told = [line for line in done.stderr.splitlines() if not line.startswith(("make", "No Python"))]
    assert len(told) == 1
    assert told[0].startswith("Signet cannot be set up (is there a network?): ")
    assert "Traceback" not in done.stderr


def test_without_a_python_that_is_new_enough_one_line_says_so(fresh: Path, tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("bash", "sh", "make", "env", "mkdir", "awk", "rm", "pwd", "test", "cat"):
        if found := shutil.which(name):
            (tools / name).symlink_to(found)

    done = make(fresh, ".venv/.ready", home=tmp_path, PATH=str(tools))

    assert done.returncode != 0
    told = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert told == ["Signet needs Python 3.11 or newer with its venv module (on Debian: apt install python3-venv)"]


def path_without_node(folder: Path, *, old: bool) -> str:
    """A PATH with all of this machine's programs but Node and npm; with a Node that is too old, where wanted."""
    folder.mkdir()
    for program in (each for path in os.environ["PATH"].split(":") for each in sorted(Path(path).glob("*"))):
        if program.name not in {"node", "npm", "npx"} and not (folder / program.name).exists():
            (folder / program.name).symlink_to(program)
    if old:
        # It is asked by a script whether it is new enough, and ends with the script's answer.
        (folder / "node").write_text("#!/bin/sh\nexit 1\n")
        (folder / "node").chmod(0o700)
    return str(folder)


@pytest.mark.parametrize("old", [False, True], ids=["no Node", "an old Node"])
def test_the_console_is_built_where_there_is_no_node_that_does_and_git_sees_nothing_of_it(
    fresh: Path, tmp_path: Path, old: bool
) -> None:
    def git(*arguments: str) -> str:
        return subprocess.check_output(["git", *arguments], cwd=fresh, text=True)

    git("init", "--quiet")
    git("add", "--all")
    before = git("status", "--porcelain")

    done = make(fresh, "console", home=tmp_path, PATH=path_without_node(tmp_path / "programs", old=old))

    assert done.returncode == 0, done.stderr
    assert "The first view: at most " in done.stdout
    assert (fresh / ".tools/console/bin/node").exists()
    files = fresh / "functions/console/get_console/files"
    assert {"index.html", "index.html.br", "index.html.gz"} <= {path.name for path in files.iterdir()}
    assert not (files / ".vite").exists()
    assert git("status", "--porcelain") == before
