"""The `signet` command on a terminal: what it asks, what a person sees of it, and Ctrl-C."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.certificates.issued import issue, unused_name
from tests.support.programs.signet_command import Command
from tests.support.programs.signing_programs import DATA, PIN, owned, usage
from tests.support.programs.terminal import COLOUR, Terminal
from tests.support.services.over_http import ANSWER_TIMEOUT_SECONDS, Client, at

pytestmark = pytest.mark.soak

REASON = "release 1.4"


@pytest.fixture
def desk(command: Command) -> Command:
    """Alice's, with a file to sign."""
    (command.home / "a").write_bytes(DATA)
    return command


def test_it_asks_for_the_pin_and_for_the_reason(desk: Command, admin: Client) -> None:
    _, certificate = owned(admin, pin=PIN, ask_for_reason=True)
    alias = certificate["alias"]

    terminal = Terminal(desk, "sign", "a", "-c", alias)
    terminal.until(f"PIN of {alias}: ")
    limits = Path(f"/proc/{terminal.process.pid}/limits")
    if limits.exists():
        cores = next(line for line in limits.read_text().splitlines() if line.startswith("Max core file size"))
        assert cores.split()[4:6] == ["0", "0"]
    terminal.type(f"{PIN}\n")
    terminal.answer(f"Reason to sign with {alias}: ", REASON)

    assert terminal.end() == 0, terminal.shown
    assert (PIN in terminal.shown, REASON in terminal.shown) == (False, True)
    desk.good("verify", "a", "-c", alias)
    (event,) = admin.items("/events", certificate=certificate["id"], type="Certificate Used")
    assert event["detail"]["reason"] == REASON
    assert usage(admin, certificate) == 1


def test_a_wrong_pin_is_sent_once(desk: Command, admin: Client) -> None:
    _, certificate = owned(admin, pin=PIN)
    (desk.home / "b").write_bytes(DATA)

    terminal = Terminal(desk, "sign", "a", "b", "-c", certificate["alias"])
    terminal.answer("PIN of", "111111")

    assert terminal.end() == 3
    assert "PIN" in terminal.shown.partition("PIN of")[2]
    events = admin.items("/events", certificate=certificate["id"], outcome="refused")
    assert [event["code"] for event in events] == ["pin_wrong"]
    assert usage(admin, certificate) == 0


@pytest.mark.parametrize("question", ["PIN of", "Reason to sign"])
def test_ctrl_c_at_a_question_signs_nothing(question: str, desk: Command, admin: Client) -> None:
    _, certificate = owned(admin, **({"pin": PIN} if question == "PIN of" else {"ask_for_reason": True}))

    terminal = Terminal(desk, "sign", "a", "-c", certificate["alias"])
    terminal.until(question)

    assert terminal.interrupt() == 130, terminal.shown
    assert "Traceback" not in terminal.shown
    assert not (desk.home / "a.sig").exists()
    assert usage(admin, certificate) == 0


@pytest.mark.parametrize(("typed", "exit_code"), [(None, 130), ("n", 1), ("", 1)], ids=["Ctrl-C", "n", "Enter"])
def test_what_is_not_confirmed_is_not_deleted(typed: str | None, exit_code: int, desk: Command, admin: Client) -> None:
    certificate = admin.import_certificate()

    terminal = Terminal(desk, "certificates", "delete", certificate["alias"])
    terminal.until("[y/N]")
    if typed is not None:
        terminal.type(f"{typed}\n")
    ended = terminal.interrupt() if typed is None else terminal.end()

    assert ended == exit_code, terminal.shown
    assert admin.good("GET", at(certificate["id"]))["alias"] == certificate["alias"]


def test_events_are_followed_until_ctrl_c(desk: Command, admin: Client) -> None:
    certificate = admin.import_certificate()
    alias = certificate["alias"]

    terminal = Terminal(desk, "events", "--follow", "--certificate", alias, "-o", "table")
    # It shows what happens from now on; when that begins cannot be seen from outside, so it happens until it is seen.
    while "Certificate Disabled" not in terminal.shown or "Certificate Enabled" not in terminal.shown:
        assert terminal.process.poll() is None, terminal.shown
        admin.good("POST", at(certificate["id"], "disable"))
        admin.good("POST", at(certificate["id"], "enable"))
        terminal.read_for(1.0)

    assert terminal.interrupt() == 130
    assert "Certificate Imported" not in terminal.shown
    assert alias in terminal.shown
    assert "Traceback" not in terminal.shown


def test_colour_is_for_terminals_whose_person_did_not_refuse_it(desk: Command) -> None:
    coloured, refused = Terminal(desk, "--help"), Terminal(desk, "--help", NO_COLOR="1")

    assert (coloured.end(), refused.end()) == (0, 0)
    assert COLOUR.search(coloured.shown)
    assert COLOUR.search(refused.shown) is None
    assert "\x1b" not in desk.good("--help").out


def test_a_long_import_shows_how_far_it_is_on_a_terminal_alone(desk: Command) -> None:
    names = [unused_name("file") for _ in range(3)]
    for name in names:
        (desk.home / f"{name}.pem").write_bytes(issue(name).pem)
    files = [f"{name}.pem" for name in names]

    terminal = Terminal(desk, "certificates", "import", *files)

    assert terminal.end() == 0, terminal.shown
    assert "Importing" in terminal.shown
    assert "3 of 3" in terminal.shown
    assert "Importing" not in desk.good("certificates", "import", *files).words


@pytest.mark.skipif(shutil.which("bash") is None, reason="not installed: bash")
def test_bash_completes_commands_and_live_names(desk: Command, admin: Client) -> None:
    alias = admin.import_certificate(alias=unused_name("completed").replace(" ", "-"))["alias"]
    program = desk.home / "signet"
    program.write_text(f"#!{sys.executable}\nimport sys; from signet_cli.__main__ import main; sys.exit(main())\n")
    program.chmod(0o700)
    script = """
        eval "$(signet --show-completion)"
        complete_words() {
            COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
            _signet_completion signet
            printf '%s\n' "${COMPREPLY[@]}"
        }
        complete -p signet
        complete_words signet cert
        complete_words signet sign -c "$1"
        """

    done = subprocess.run(
        ["bash", "-c", script, "bash", alias[:-1]],
        env=desk.environment_of(PATH=f"{desk.home}:{desk.environment_of()['PATH']}"),
        capture_output=True,
        text=True,
        check=False,
        timeout=ANSWER_TIMEOUT_SECONDS,
    )

    told = done.stdout.splitlines()
    assert "_signet_completion signet" in told[0], done.stderr
    assert told[1:] == ["certificates", alias]
