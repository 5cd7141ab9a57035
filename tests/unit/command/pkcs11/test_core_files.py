"""No PIN is in a core file that the agent, or the command, could have prevented."""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source_tree import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the limit is all there is")

ENVIRONMENT = {"PYTHONPATH": str(ROOT / "clients" / "signet"), "SIGNET_PIN": "246810"}
ASLEEP = (sys.executable, "-c", "import sys; sys.stdout.write('.'); sys.stdout.flush(); sys.stdin.read()")
AGENT = (sys.executable, "-m", "signet_cli.pkcs11.agent")

BEFORE_THE_FIRST_BYTE = """\
import ctypes, resource, sys
from signet_cli.pkcs11 import agent

class Program:
    def read(self, count):
        told = ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), *resource.getrlimit(resource.RLIMIT_CORE)
        print(*told, file=sys.stderr)
        return b""

class Input:
    buffer = Program()

sys.stdin = Input()
sys.exit(agent.main())
"""
"""An agent whose program leaves at once, and which says at the first byte that it reads how it is dumped (prctl 3)."""


def allow_core_files() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)


def leaves_a_core_file(words: tuple[str, ...], folder: Path) -> bool:
    """Whether the kernel dumps a program that is aborted once it has read a byte and answered with another."""
    process = subprocess.Popen(
        words,
        env=ENVIRONMENT,
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        preexec_fn=allow_core_files,  # noqa: PLW1509 - one call, before Python starts
    )
    assert process.stdin
    assert process.stdout
    with process.stdin, process.stdout:
        process.stdin.write(b"\2")
        process.stdin.flush()
        assert process.stdout.read(1)
        process.send_signal(signal.SIGABRT)
        _, status = os.waitpid(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == -signal.SIGABRT
    return os.WCOREDUMP(status)


def test_before_the_first_byte_of_its_program_an_agent_is_not_to_be_dumped() -> None:
    done = subprocess.run(
        [sys.executable, "-c", BEFORE_THE_FIRST_BYTE],
        env=ENVIRONMENT,
        capture_output=True,
        check=False,
        preexec_fn=allow_core_files,
    )

    assert (done.returncode, done.stderr.split()) == (0, [b"0", b"0", b"0"])


def test_an_agent_that_is_aborted_leaves_no_core_file(tmp_path: Path) -> None:
    if not leaves_a_core_file(ASLEEP, tmp_path):
        pytest.skip("this system writes no core files")

    assert not leaves_a_core_file(AGENT, tmp_path)
