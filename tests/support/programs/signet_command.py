"""The `signet` command as people start it: a process of its own, with a home folder of its own."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.services.over_http import ANSWER_TIMEOUT_SECONDS

CHECKOUT = Path(__file__).resolve().parents[3]
PACKAGE = CHECKOUT / "clients" / "signet"


@dataclass(frozen=True)
class Ended:
    """How one run of the command ended."""

    exit_code: int
    out: str
    words: str

    @property
    def json(self) -> Any:
        """Standard output, parsed."""
        return json.loads(self.out)


@dataclass
class Command:
    """`signet`, of one person at one service: with a home folder of their own."""

    home: Path
    address: str
    environment: dict[str, str] = field(default_factory=dict)

    def environment_of(self, **more: str) -> dict[str, str]:
        """Where it runs; nothing of whoever runs the tests but the PATH."""
        usual = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "PYTHONPATH": str(PACKAGE),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            "SIGNET_ADDR": self.address,
        }
        return {**usual, **self.environment, **more}

    def start(self, *words: object, **more: str) -> subprocess.Popen[str]:
        """Start it, and leave it running."""
        return subprocess.Popen(
            [sys.executable, "-m", "signet_cli", *map(str, words)],
            env=self.environment_of(**more),
            cwd=self.home,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # no terminal to ask on, whoever runs the tests
        )

    def __call__(self, *words: object, given: str = "", **more: str) -> Ended:
        """Run it to its end."""
        process = self.start(*words, **more)
        try:
            out, told = process.communicate(given, timeout=ANSWER_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        return Ended(process.returncode, out, told)

    def good(self, *words: object, given: str = "", **more: str) -> Ended:
        """Run it; it is to succeed."""
        ended = self(*words, given=given, **more)
        assert ended.exit_code == 0, (words, ended)
        return ended
