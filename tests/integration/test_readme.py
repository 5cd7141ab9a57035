"""The README is a promise: its walks are pasted into a shell here, line by line, and answer what it says."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.service import Service

README = Path(__file__).parents[2] / "README.md"
BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MARK = "--- end of block ---"
DEFAULT_ADDRESS = "http://127.0.0.1:3000"
DEFAULT_AWS_ADDRESS = "http://127.0.0.1:3001"


def steps_of(walk: str) -> list[tuple[str, str | None]]:
    """Each `sh` block of a walk with the `text` block behind it, which is what it prints."""
    section = README.read_text().split(f"<!-- {walk} -->")[1].split(f"<!-- end of {walk} -->")[0]
    steps: list[tuple[str, str | None]] = []
    for kind, text in BLOCK.findall(section):
        if kind == "sh":
            steps.append((text, None))
        else:
            commands, _ = steps.pop()
            steps.append((commands, text))
    return steps


@pytest.mark.parametrize("walk", re.findall(r"<!-- (walk[ \w]*) -->", README.read_text()))
def test_every_line_of_a_walk_does_what_the_readme_says(walk: str, signet: Service) -> None:
    steps = steps_of(walk)
    assert steps
    script = f"\necho '{MARK}'\n".join(commands for commands, _ in steps)
    script = script.replace(DEFAULT_ADDRESS, signet.stack.url).replace(DEFAULT_AWS_ADDRESS, signet.stack.aws_url)

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=README.parent,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    printed = [each.strip("\n") for each in done.stdout.split(MARK)]
    for (commands, expected), found in zip(steps, printed, strict=True):
        lines = [line.rstrip() for line in found.splitlines()]
        assert lines == (expected or "").splitlines(), commands
