"""ministack as a process of ours: on a free port of this machine, taught, and ended with whoever started it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from local.aws.template import ACCOUNT, REGION

CHECKOUT = Path(__file__).resolve().parents[2]
PYTHON = CHECKOUT / ".tools/ministack/bin/python"
START_SECONDS = 120.0
KEY = "local"  # what `local.aws.aws_clients` signs with; whoever signs so is the account's root


@dataclass(frozen=True)
class Ministack:
    """A running ministack."""

    url: str
    log: Path
    """What it printed."""


@contextmanager
def ministack(*, enforcing: bool = False, untaught: Sequence[str] = ()) -> Iterator[Ministack]:
    """An empty ministack, with IAM enforced if asked; of what it is taught, `untaught` is left out.

    Raises:
        RuntimeError: it did not start; the message has what it printed.
    """
    folder = Path(tempfile.mkdtemp(prefix="ministack-"))
    port = _free_port()
    log = folder / "log"
    with log.open("wb") as printed:
        process = subprocess.Popen(
            [PYTHON, "-I", "-B", CHECKOUT / "tools/ministack/taught.py"],
            env={
                "PATH": os.environ.get("PATH", os.defpath),
                "HOME": str(folder),
                "TMPDIR": str(folder),  # where it unpacks functions, and keeps the number of its process
                "STATE_DIR": str(folder / "state"),  # or it leaves a key that it made for itself in /tmp
                "BIND_HOST": "127.0.0.1",
                "GATEWAY_PORT": str(port),
                "IOT_MTLS_ENABLED": "0",  # or it listens on a port of its own for a service that we have no use for
                "AUTH": str(enforcing).lower(),
                "MINISTACK_ACCOUNT_ID": ACCOUNT,
                "MINISTACK_REGION": REGION,
                "AWS_ACCESS_KEY_ID": KEY,
                "AWS_SECRET_ACCESS_KEY": KEY,
                "AWS_EC2_METADATA_DISABLED": "true",
                "UNTAUGHT": ",".join(untaught),
            },
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that the functions that it runs can be ended with it
        )
    try:
        _wait_until_it_answers(process, port, log)
        yield Ministack(f"http://127.0.0.1:{port}", log)
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=10)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"ministack did not start:\n{log.read_text(errors='replace')}") from None
            time.sleep(0.1)
        else:
            return
