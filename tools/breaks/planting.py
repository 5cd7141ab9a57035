"""How a fault is planted, and how it is told whether a test notices it."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
PACKAGE = "layers/signet/signet"
LIMIT_SECONDS = 600
PATIENCE_SECONDS = 10.0
"""How long tests that are stopped have to take down what they started."""

_NOT_COPIED = (".git", ".venv", ".tools", ".aws-sam", ".hypothesis", ".*_cache", ".coverage*")
_SHARED = (".venv", ".tools")
"""Used where they are, so that nothing is made twice, or fetched."""


@dataclass(frozen=True)
class Break:
    """One fault to plant."""

    file: str
    line: str
    """What stands there, once in the file."""
    broken: str
    """What stands there instead."""
    tests: tuple[str, ...]
    """Those that should notice, the quickest that do."""

    @property
    def name(self) -> str:
        """For a person."""
        line, broken = " ".join(self.line.split()), " ".join(self.broken.split())
        return f"{self.file.removeprefix(PACKAGE + '/')}: {line} -> {broken or 'gone'}"

    def planted_in(self, text: str) -> str:
        """`text`, which its file holds, with the fault.

        Raises:
            ValueError: the line stands there no longer, or more than once.
        """
        if text.count(self.line) != 1:
            raise ValueError(f"{self.name}: the line stands there {text.count(self.line)} times")
        return text.replace(self.line, self.broken)


def faults_in(file: str, tests: str, *faults: tuple[str, str, str]) -> tuple[Break, ...]:
    """Several in one file: of each the line, what stands there instead, and the one of `tests` that should notice."""
    return tuple(Break(file, line, broken, (f"{tests}::{test}",)) for line, broken, test in faults)


class Ending(Enum):
    """How a run of tests ended."""

    PASSED = "all passed"
    FAILED = "one failed"
    NEITHER = "they could not be run, or not to their end"


def draw(breaks: Sequence[Break], count: int, seed: int) -> Sequence[Break]:
    """`count` of `breaks`, other ones by each `seed`; all of them, in their order, where there are no more."""
    if count >= len(breaks):
        return breaks
    return random.Random(seed).sample(breaks, count)  # noqa: S311 - a draw, not a secret


def plant(breaks: Sequence[Break], *, seed: int, say: Callable[[str], None], checkout: Path = CHECKOUT) -> int:
    """Plant `breaks` one after the other in a copy of `checkout`; the exit code, 0 only where each was caught.

    The last line counts them as pytest counts tests. Tests that fail by themselves catch nothing, so each selection of
    them is run once before anything is planted. `seed` is also what tests that draw their cases draw them by.
    """
    begun = time.monotonic()
    for each in breaks:
        each.planted_in((checkout / each.file).read_text())
    say(f"breaks: {len(breaks)} faults are planted; SEED={seed} draws them again")
    caught = 0
    sound: dict[tuple[str, ...], Ending] = {}
    with tempfile.TemporaryDirectory(prefix="signet-breaks-", ignore_cleanup_errors=True) as folder:
        copy = Path(folder) / "checkout"
        shutil.copytree(checkout, copy, ignore=shutil.ignore_patterns(*_NOT_COPIED))
        for name in _SHARED:
            if (checkout / name).exists():
                (copy / name).symlink_to(checkout / name)
        for each in breaks:
            if each.tests not in sound:
                sound[each.tests] = _run(each.tests, copy, seed)
            if sound[each.tests] is not Ending.PASSED:
                say(f"UNSOUND   {' '.join(each.tests)}: without any fault, {sound[each.tests].value}")
                continue
            begun_with_it = time.monotonic()
            ending = _with_fault(each, copy, seed)
            noticed = ending is Ending.FAILED
            caught += noticed
            why = "" if noticed else f" ({ending.value})"
            say(f"{'caught   ' if noticed else 'UNNOTICED'} {time.monotonic() - begun_with_it:5.1f}s {each.name}{why}")
    missed = len(breaks) - caught
    say(f"{f'{missed} failed, ' if missed else ''}{caught} passed in {time.monotonic() - begun:.2f}s")
    return 1 if missed else 0


def _with_fault(each: Break, copy: Path, seed: int) -> Ending:
    path = copy / each.file
    whole, written = path.read_text(), path.stat()
    path.write_text(each.planted_in(whole))
    try:
        return _run(each.tests, copy, seed)
    finally:
        path.write_text(whole)
        # Python knows by size and time whether what it compiled is of this text.
        os.utime(path, ns=(written.st_atime_ns, written.st_mtime_ns))


def _run(tests: Sequence[str], copy: Path, seed: int) -> Ending:
    """Run `tests` in `copy`, as they are in a checkout of their own; the environment is this one's."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-m", ""]
    process = subprocess.Popen(
        [*command, f"--hypothesis-seed={seed}", *tests],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": ""},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # so that all that they start can be ended with them
    )
    try:
        # 1: tests failed. Anything else (2: interrupted, 4: no such test, 5: none collected) shows nothing.
        code = process.wait(timeout=LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        return Ending.NEITHER
    finally:
        _end(process)
    return {0: Ending.PASSED, 1: Ending.FAILED}.get(code, Ending.NEITHER)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask tests that still run to stop, so that they take down what they started; then end what is left of it."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=PATIENCE_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
