"""`python -m local` starts, says so, can be looked at, and ends without leaving anything behind."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local.stack import CHECKOUT


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(**environment: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """`python -m local` on free ports, once it is ready, and what it printed."""
    settings = {"PORT": str(free_port()), "AWS_PORT": str(free_port()), "SEED": "0", **environment}
    process = subprocess.Popen(
        [sys.executable, "-m", "local"],
        cwd=CHECKOUT,
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout
    assert process.stderr
    try:
        lines = []
        while line := process.stdout.readline():
            lines.append(line)
            if "Ctrl-C ends it" in line:
                break
        assert lines, process.stderr.read()
        yield process, lines
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def offspring(process: subprocess.Popen[str]) -> set[int]:
    """All processes that descend from `process`."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
    found, generation = set(), {process.pid}
    while generation := {pid for pid, parent in parents.items() if parent in generation}:
        found |= generation
    return found


def alive(pids: set[int]) -> set[int]:
    def is_running(pid: int) -> bool:
        try:
            return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return False

    return {pid for pid in pids if is_running(pid)}


def test_ctrl_c_ends_it_cleanly_while_it_is_coming_up() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "local"],
        cwd=CHECKOUT,
        env={**os.environ, "PORT": str(free_port()), "AWS_PORT": str(free_port()), "SEED": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while process.poll() is None and not catches(process.pid, signal.SIGTERM):
        time.sleep(0.001)
    process.send_signal(signal.SIGINT)
    printed, complaints = process.communicate(timeout=60)
    assert (printed, complaints) == ("Signet has ended. Everything that was in it is gone.\n", "")


def catches(pid: int, number: signal.Signals) -> bool:
    """Whether the process has a handler of its own for the signal; Python sets none for SIGTERM."""
    status = Path(f"/proc/{pid}/status").read_text()
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) >> (number - 1) & 1)


@pytest.mark.soak
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_it_cleanly_in_the_middle_of_work(number: signal.Signals) -> None:
    with running() as (process, lines):
        ready = [line for line in lines if line.startswith("Signet is ready: ")]
        assert len(ready) == 1
        assert lines[0] == ready[0]
        address = lines[0].removeprefix("Signet is ready: http://").strip()
        connection = http.client.HTTPConnection(address, timeout=300)
        connection.request("GET", "/v1/health")
        connection.getresponse().read()
        children = offspring(process)
        assert len(children) >= 3  # Moto, the zygote, a worker

        os.killpg(process.pid, number)  # as the terminal does: to the whole group
        assert process.wait(timeout=300) == 0
        assert process.stderr
        assert "Traceback" not in process.stderr.read()
        connection.close()
        assert not alive(children)


def log_of(lines: list[str]) -> Path:
    return Path(*re.findall(r"^The log of the functions is in (\S+), ", "".join(lines), re.MULTILINE))


@pytest.mark.soak
def test_the_terminal_shows_a_line_a_request_and_the_log_goes_to_a_file_that_goes_at_the_end() -> None:
    with running() as (process, lines):
        address = lines[0].removeprefix("Signet is ready: http://").strip()
        connection = http.client.HTTPConnection(address, timeout=300)
        connection.request("POST", "/local/tokens", json.dumps({"user": "alice"}))
        token = json.loads(connection.getresponse().read())["token"]
        connection.request("GET", "/v1/certificates?q=secret", headers={"Authorization": f"Bearer {token}"})
        assert connection.getresponse().read()
        connection.close()
        log = log_of(lines)
        logged = [json.loads(line) for line in log.read_text().splitlines()]
        mode = log.stat().st_mode
        process.send_signal(signal.SIGINT)
        shown, complaints = process.communicate(timeout=300)

    assert any(line.get("route") == "GET /v1/certificates" for line in logged)
    assert mode & 0o077 == 0
    of_its_own = ("/2015-03-31/", "/local/issuer/")
    requests = [line for line in shown.splitlines() if not any(path in line for path in of_its_own)]
    assert [re.sub(r"^[\d:]{8} |\d+ ms", "", line) for line in requests] == [
        "POST /local/tokens 200  -",
        "GET /v1/certificates 200  local/alice",
        "Signet has ended. Everything that was in it is gone.",
    ]
    assert complaints == ""
    assert not log.exists()


@pytest.mark.soak
def test_a_log_of_ones_own_choice_stays(tmp_path: Path) -> None:
    with running(LOG=str(tmp_path / "signet.log")) as (process, lines):
        assert log_of(lines) == tmp_path / "signet.log"
        process.send_signal(signal.SIGINT)
        process.wait(timeout=300)

    assert (tmp_path / "signet.log").exists()


def test_a_log_that_cannot_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "local"],
        cwd=CHECKOUT,
        env={**os.environ, "PORT": str(free_port()), "AWS_PORT": str(free_port()), "LOG": str(tmp_path / "no" / "log")},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert ended.returncode == 1
    assert ended.stderr.startswith("Signet cannot start: the log cannot be written (")
    assert ended.stderr.count("\n") == 1


@pytest.mark.soak
def test_nothing_is_left_behind_when_it_is_killed() -> None:
    with running() as (process, lines):
        address = lines[0].removeprefix("Signet is ready: http://").strip()
        connection = http.client.HTTPConnection(address, timeout=300)
        connection.request("GET", "/v1/health")
        connection.getresponse().read()
        connection.close()
        children = offspring(process)
        process.kill()
        process.wait()

        end = time.monotonic() + 300
        while alive(children) and time.monotonic() < end:
            time.sleep(0.05)
        assert not alive(children)


@pytest.mark.parametrize("setting", ["PORT", "AWS_PORT"])
def test_a_taken_port_is_said_in_one_line(setting: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        settings = {"PORT": str(free_port()), "AWS_PORT": str(free_port()), "SEED": "0", setting: port}
        ended = subprocess.run(
            [sys.executable, "-m", "local"],
            cwd=CHECKOUT,
            env={**os.environ, **settings},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr == f"Signet cannot start: port {port} is taken; choose another one with {setting}\n"


@pytest.mark.one_in(4)
@pytest.mark.parametrize("port", ["http", "0", "65536", "-1"])
def test_a_port_that_is_none_is_said_in_one_line(port: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "local"],
        cwd=CHECKOUT,
        env={**os.environ, "PORT": port},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )

    assert ended.returncode == 1
    assert ended.stderr == f"Signet cannot start: PORT is '{port}', expected a port from 1 to 65535\n"
