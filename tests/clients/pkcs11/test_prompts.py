"""Certificates that ask for a reason or a PIN.

There is a window, else a question on the terminal, else a refusal that says what to set.

And where a PIN is seen while it is in use: on no command line, in no environment of a child, in no core file.
"""

import importlib.util
import os
import shlex
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.programs.signet_command import Command
from tests.support.programs.signing_programs import (
    MODULE,
    PIN,
    Programs,
    ended,
    needs,
    needs_engine,
    owned,
    token_of,
    usage,
    verified,
)
from tests.support.services.over_http import ANSWER_TIMEOUT_SECONDS, Client, Service

pytestmark = pytest.mark.soak

REASON = "release 1.4"
needs_window = pytest.mark.skipif(importlib.util.find_spec("tkinter") is None, reason="not installed: tkinter")
needs_proc = pytest.mark.skipif(not Path("/proc/self/limits").exists(), reason="not installed: /proc")


@pytest.fixture
def display(tmp_path: Path) -> Iterator[str]:
    """A screen of its own, such as `:1`."""
    ours, theirs = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(theirs), "-screen", "0", "800x400x24", "-nolisten", "tcp"],
        pass_fds=[theirs],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    with os.fdopen(ours) as told:
        number = told.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait(ANSWER_TIMEOUT_SECONDS)


def signing_words(alias: str, *more: str) -> tuple[str, ...]:
    return (
        "pkcs11-tool", "--module", str(MODULE), "--sign", "--mechanism", "SHA256-RSA-PKCS",
        "--token-label", alias, *more, "--input-file", "data", "--output-file", "signature",
    )  # fmt: skip


def fill_window(programs: Programs, display: str, question: str, answer: str) -> Path:
    """Wait for the window that asks, type the answer, and confirm it; a picture of the screen before that."""
    picture = programs.folder / f"{question}.png"
    programs.good("xdotool", "search", "--sync", "--onlyvisible", "--name", "^Signet$", DISPLAY=display)
    programs.good("xdotool", "type", "--delay", "20", answer, DISPLAY=display)
    programs.good("import", "-window", "root", picture, DISPLAY=display)
    programs.good("xdotool", "key", "Return", DISPLAY=display)
    return picture


@needs("pkcs11-tool", "Xvfb", "xdotool", "import")
@needs_window
def test_a_window_asks_for_the_pin_and_then_for_the_reason(programs: Programs, admin: Client, display: str) -> None:
    issued, certificate = owned(admin, pin=PIN, ask_for_reason=True)
    signing = programs.start(*signing_words(certificate["alias"], "--login"), DISPLAY=display)

    pictures = [fill_window(programs, display, "pin", PIN), fill_window(programs, display, "reason", REASON)]

    done = ended(signing)
    assert done.returncode == 0, done.stderr
    assert verified(programs, issued, "-sha256") == "Verified OK\n"
    assert [colours(programs, picture) > 2 for picture in pictures] == [True, True]
    (event,) = admin.items("/events", certificate=certificate["id"], type="Certificate Used")
    assert event["detail"]["reason"] == REASON
    assert usage(admin, certificate) == 1


def colours(programs: Programs, picture: Path) -> int:
    """How many are on a picture; an empty screen has one."""
    return int(programs.good("identify", "-format", "%k", picture))


@needs("pkcs11-tool", "Xvfb", "xdotool")
@needs_window
def test_a_window_that_is_closed_is_a_refusal(programs: Programs, admin: Client, display: str) -> None:
    _, certificate = owned(admin, ask_for_reason=True)
    signing = programs.start(*signing_words(certificate["alias"]), DISPLAY=display)

    programs.good("xdotool", "search", "--sync", "--onlyvisible", "--name", "^Signet$", DISPLAY=display)
    programs.good("xdotool", "key", "Escape", DISPLAY=display)

    done = ended(signing)
    assert done.returncode != 0
    assert "SIGNET_REASON" in done.stderr
    assert usage(admin, certificate) == 0


@needs("pkcs11-tool", "Xvfb", "xdotool")
@needs_window
def test_a_window_closes_when_the_program_behind_it_is_killed(programs: Programs, admin: Client, display: str) -> None:
    _, certificate = owned(admin, ask_for_reason=True)
    signing = programs.start(*signing_words(certificate["alias"]), DISPLAY=display)
    programs.good("xdotool", "search", "--sync", "--onlyvisible", "--name", "^Signet$", DISPLAY=display)

    signing.kill()

    # The agent has the other end of its standard error: this returns once that has ended as well.
    assert ended(signing).returncode == -signal.SIGKILL
    assert programs.run("xdotool", "search", "--onlyvisible", "--name", "^Signet$", DISPLAY=display).stdout == ""
    assert usage(admin, certificate) == 0


@needs("pkcs11-tool", "Xvfb")
@needs_window
def test_a_program_that_has_the_pin_is_not_asked_in_a_window(programs: Programs, admin: Client, display: str) -> None:
    issued, certificate = owned(admin, pin=PIN)

    done = programs.run(*signing_words(certificate["alias"], "--login", "--pin", PIN), DISPLAY=display)

    assert done.returncode == 0, done.stderr
    assert verified(programs, issued, "-sha256") == "Verified OK\n"
    assert usage(admin, certificate) == 1


class Terminal:
    """A terminal that a person sits at: tmux of its own."""

    def __init__(self, programs: Programs) -> None:
        self._tmux = ("tmux", "-S", programs.folder / "tmux", "-f", "/dev/null")
        self._programs = programs

    def start(self, *words: str) -> None:
        told = f"{shlex.join(words)}; echo ended $?; sleep 600"
        self._programs.good(*self._tmux, "new-session", "-d", "-x", "200", "-y", "40", told, TERM="screen")

    def until(self, text: str) -> str:
        """What is on the screen, once `text` is."""
        end = time.monotonic() + ANSWER_TIMEOUT_SECONDS
        while text not in (shown := self._programs.good(*self._tmux, "capture-pane", "-p")):
            if time.monotonic() > end:
                raise TimeoutError(shown)
            time.sleep(0.05)
        return shown

    def type(self, text: str) -> None:
        self._programs.good(*self._tmux, "send-keys", "-l", text)
        self._programs.good(*self._tmux, "send-keys", "Enter")

    def close(self) -> None:
        self._programs.run(*self._tmux, "kill-server")


@pytest.fixture
def terminal(programs: Programs) -> Iterator[Terminal]:
    made = Terminal(programs)
    yield made
    made.close()


@needs("pkcs11-tool", "tmux")
def test_on_a_terminal_the_question_is_put_there(programs: Programs, admin: Client, terminal: Terminal) -> None:
    issued, certificate = owned(admin, pin=PIN, ask_for_reason=True)
    alias = certificate["alias"]

    terminal.start(*signing_words(alias, "--login"))
    terminal.until("PIN")
    terminal.type(PIN)
    terminal.until(f"{alias} is about to sign. For what reason?")
    terminal.type(REASON)

    shown = terminal.until("ended")
    assert "ended 0" in shown
    assert (REASON in shown, PIN in shown) == (True, False)
    assert verified(programs, issued, "-sha256") == "Verified OK\n"
    (event,) = admin.items("/events", certificate=certificate["id"], type="Certificate Used")
    assert event["detail"]["reason"] == REASON
    assert usage(admin, certificate) == 1


@needs("openssl")
@needs_engine
def test_where_nobody_can_be_asked_it_is_said_what_to_set(programs: Programs, admin: Client) -> None:
    _, certificate = owned(admin, pin=PIN)
    by_engine = ("openssl", "dgst", "-sha256", "-engine", "pkcs11", "-keyform", "engine", "-out", "signature")

    done = programs.run(*by_engine, "-sign", token_of(certificate), "data")

    assert done.returncode != 0
    assert f"{certificate['alias']} asks for a PIN" in done.stderr
    assert "SIGNET_PIN" in done.stderr
    assert usage(admin, certificate) == 0


LOOK_AROUND = """\
import os, pathlib, sys
seen = pathlib.Path(os.environ["HOME"], "seen")
seen.mkdir(exist_ok=True)
words = b"\\0".join(os.fsencode(word) for word in sys.orig_argv)
seen.joinpath(str(os.getpid())).write_bytes(words + b"\\n" + pathlib.Path("/proc/self/environ").read_bytes())
"""
"""What every Python of ours runs first in the test below (sitecustomize): it writes down how it was started."""


@needs("pkcs11-tool")
@needs_proc
def test_a_pin_of_the_environment_reaches_no_child_and_no_core_file(
    programs: Programs, stranger: Command, admin: Client, signet: Service
) -> None:
    issued, certificate = owned(admin, pin=PIN, ask_for_reason=True)
    watch = programs.folder / "watch"
    watch.mkdir()
    (watch / "sitecustomize.py").write_text(LOOK_AROUND)
    path = f"{watch}{os.pathsep}{programs.environment['PYTHONPATH']}"
    stranger.good("login", "--local", "alice")
    given = {"SIGNET_PIN": PIN, "SIGNET_REASON": REASON, "SIGNET_ID_TOKEN": "", "PYTHONPATH": path}

    programs.good(*signing_words(certificate["alias"]), **given)

    assert verified(programs, issued, "-sha256") == "Verified OK\n"
    (agent,) = programs.agents.read_text().split()
    started = {each.name: each.read_bytes() for each in (programs.folder / "seen").iterdir()}
    assert "signet_cli.pkcs11.agent" in started.pop(agent).decode()
    (child,) = started.values()
    assert b"agent_token" in child
    assert PIN.encode() not in child
    assert not [line for line in signet.printed if PIN in line]


@needs("pkcs11-tool", "Xvfb", "xdotool")
@needs_window
@needs_proc
def test_while_a_pin_is_in_use_the_agent_leaves_no_core_file_and_shows_it_nowhere(
    programs: Programs, admin: Client, display: str
) -> None:
    _, certificate = owned(admin, pin=PIN, ask_for_reason=True)
    signing = programs.start(*signing_words(certificate["alias"], "--login"), DISPLAY=display)
    programs.good("xdotool", "search", "--sync", "--onlyvisible", "--name", "^Signet$", DISPLAY=display)
    programs.good("xdotool", "type", PIN, DISPLAY=display)
    programs.good("xdotool", "key", "Return", DISPLAY=display)
    # The PIN is kept now: the next window is the one of the reason.
    programs.good("xdotool", "search", "--sync", "--onlyvisible", "--name", "^Signet$", DISPLAY=display)

    (agent,) = programs.agents.read_text().split()
    of_agent = Path("/proc", agent)
    limits = (of_agent / "limits").read_text()
    shown = (of_agent / "cmdline").read_bytes() + (of_agent / "environ").read_bytes()
    os.kill(int(agent), signal.SIGABRT)
    done = ended(signing)

    assert [line.split()[4:6] for line in limits.splitlines() if line.startswith("Max core file size")] == [["0", "0"]]
    assert PIN.encode() not in shown
    assert done.returncode != 0
    assert PIN not in done.stdout + done.stderr
    assert usage(admin, certificate) == 0
