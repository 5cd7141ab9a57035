"""What the agent asks on a terminal of its own, and that a PIN is not seen there."""

import contextlib
import fcntl
import os
import pty
import subprocess
import sys
import termios

import pytest

from tests.architecture.source_tree import ROOT

ASK = "import sys; from signet_cli.pkcs11.prompts import ask; sys.stdout.write(ask('Signet', 'Well?', hidden={}))"
ENVIRONMENT = {"PYTHONPATH": str(ROOT / "clients" / "signet")}


def shown_and_answered(*, hidden: bool, typed: bytes) -> tuple[bytes, bytes]:
    """What stands on the terminal at the end, and the answer that the agent got."""
    ours, theirs = pty.openpty()
    try:
        process = subprocess.Popen(
            [sys.executable, "-c", ASK.format(hidden)],
            env=ENVIRONMENT,
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - one call, before Python starts
        )
    finally:
        os.close(theirs)
    shown = b""
    while b"Well? " not in shown:
        shown += os.read(ours, 1024)
    os.write(ours, typed)
    answer, _ = process.communicate()
    # Where nobody has the other end any more, Linux says so by an error.
    with contextlib.suppress(OSError):
        while more := os.read(ours, 1024):
            shown += more
    os.close(ours)
    return shown, answer


def test_a_pin_that_is_typed_is_not_shown() -> None:
    shown, answer = shown_and_answered(hidden=True, typed=b"246810\n")

    assert answer == b"246810"
    assert b"2468" not in shown


def test_a_reason_that_is_typed_is_shown() -> None:
    shown, answer = shown_and_answered(hidden=False, typed="für 1.4\n".encode())

    assert answer.decode() == "für 1.4"
    assert "für 1.4".encode() in shown


@pytest.mark.parametrize("hidden", [True, False])
def test_where_there_is_neither_window_nor_terminal_nobody_is_asked(hidden: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASK.format(hidden)],
        env=ENVIRONMENT,
        input=b"not the person\n",
        capture_output=True,
        start_new_session=True,
        check=False,
    )

    assert done.returncode != 0
    assert b"NobodyToAskError" in done.stderr
