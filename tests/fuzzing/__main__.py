"""`python -m tests.fuzzing`: search every parser, or those named, for what it does not survive.

SECONDS=3 is the processor time for each; two are searched at once.

One line tells of each parser: how many inputs it took and refused, how many places of the code they reached, and the
most that one of them cost. Where something was found, the input follows in base64, and the exit code is 1.
"""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.fuzzing.parsers import PARSERS

CHECKOUT = Path(__file__).resolve().parents[2]
ATHERIS = CHECKOUT / ".tools/atheris"
AT_ONCE = 2
_COVERED = re.compile(r"^#\d+\s+\w+\s+cov: (\d+)", re.MULTILINE)


def search(name: str, seconds: float, python_path: Sequence[Path] = ()) -> tuple[bool, str]:
    """Whether the parser called `name` survived `seconds` of search, and what to tell."""
    paths = [*python_path, CHECKOUT / "layers/signet", CHECKOUT / "clients/signet", CHECKOUT]
    paths += ATHERIS.glob("lib/python*/site-packages")
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "tests.fuzzing.one_parser", name, folder, str(seconds)],
            cwd=CHECKOUT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths)), "PYTHONHASHSEED": "0"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        report = Path(folder, "report.json")
        if done.returncode == 0 and report.exists():
            found = json.loads(report.read_text())
            reached = max(map(int, _COVERED.findall(done.stdout)), default=0)
            return True, (
                f"{name}: {found['taken']} taken, {found['refused']} refused, {reached} places reached, "
                f"{found['longest']} s at most, {found['held'] // 1024} MiB held"
            )
        inputs = [path.read_bytes() for path in Path(folder).glob("*-*") if path.is_file()]
        told = [f"{name}: FOUND (exit code {done.returncode})", done.stdout[-3000:]]
        return False, "\n".join([*told, *(base64.b64encode(each).decode() for each in inputs)])


def main(names: Sequence[str]) -> int:
    """Search the parsers called `names`, or all."""
    if not any(ATHERIS.glob("lib/python*/site-packages/atheris")):
        print(
            "There is no atheris for this Python and this machine (make .tools/atheris/.ready): nothing was searched."
        )
        return 1 if "CI" in os.environ else 0
    seconds = float(os.environ.get("SECONDS") or 3)
    failed = 0
    with ThreadPoolExecutor(AT_ONCE) as several:
        wanted = [each.name for each in PARSERS if not names or each.name in names]
        for survived, told in several.map(lambda name: search(name, seconds), wanted):
            print(told, flush=True)
            failed += not survived
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
