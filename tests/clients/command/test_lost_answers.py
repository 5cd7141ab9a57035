"""Signatures that the service has counted and whose answer never came: had by the command when it is run again.

A proxy cuts the answers off, or the command is killed before it has them.
"""

import os
import signal
import time
from collections.abc import Iterator

import pytest

from tests.support.programs.agents import Proxy, proxy_to
from tests.support.programs.signet_command import Command
from tests.support.programs.signing_programs import DATA, PIN, owned, usage
from tests.support.services.over_http import ANSWER_TIMEOUT_SECONDS, Client, Service

pytestmark = pytest.mark.soak


@pytest.fixture
def proxy(signet: Service) -> Iterator[Proxy]:
    with proxy_to(signet.stack.url) as made:
        yield made


@pytest.fixture
def through(command: Command, proxy: Proxy) -> Command:
    """The command, which calls through the proxy."""
    (command.home / "a").write_bytes(DATA)
    command.address = proxy.url
    return command


def notes(command: Command) -> list[str]:
    return [path.name for path in command.home.rglob("unanswered/*")]


def until_one_was_asked(proxy: Proxy) -> None:
    end = time.monotonic() + ANSWER_TIMEOUT_SECONDS
    while not proxy.signatures_asked:
        if time.monotonic() > end:
            raise TimeoutError("no signature was asked for")
        time.sleep(0.02)


@pytest.mark.parametrize("form", ["raw", "cms"])
def test_it_has_the_signature_that_was_counted_when_it_is_run_again(
    form: str, through: Command, admin: Client, proxy: Proxy
) -> None:
    _, certificate = owned(admin, "ECC_NIST_P256")
    sign = ("sign", "a", "-c", certificate["alias"], "--format", form)
    proxy.answers_to_drop = 99
    lost = through(*sign)
    assert (lost.exit_code, "cannot be reached" in lost.words) == (7, True)
    assert usage(admin, certificate) == 1
    proxy.answers_to_drop = 0

    through.good(*sign)

    through.good("verify", "a", "-c", certificate["alias"])
    assert usage(admin, certificate) == 1
    assert notes(through) == []
    through.good(*sign)
    assert usage(admin, certificate) == 2


def test_what_it_was_killed_over_it_has_when_it_is_run_again(through: Command, admin: Client, proxy: Proxy) -> None:
    _, certificate = owned(admin, "ECC_NIST_P256", pin=PIN)
    sign = ("sign", "a", "-c", certificate["alias"])
    proxy.answers_to_drop = 99
    killed = through.start(*sign, SIGNET_PIN=PIN)
    until_one_was_asked(proxy)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate()
    proxy.answers_to_drop = 0

    through.good(*sign, SIGNET_PIN=PIN)

    through.good("verify", "a", "-c", certificate["alias"])
    assert usage(admin, certificate) == 1


def test_a_signature_that_could_not_be_written_is_still_there(through: Command, admin: Client) -> None:
    _, certificate = owned(admin, "ECC_NIST_P256")
    sign = ("sign", "a", "-c", certificate["alias"])
    assert through(*sign, "-o", "nowhere/a.sig").exit_code == 1

    through.good(*sign)

    through.good("verify", "a", "-c", certificate["alias"])
    assert usage(admin, certificate) == 1


def test_what_was_refused_leaves_nothing_behind(through: Command, admin: Client) -> None:
    _, certificate = owned(admin, "ECC_NIST_P256", pin=PIN)
    sign = ("sign", "a", "-c", certificate["alias"])
    assert through(*sign, SIGNET_PIN="111111").exit_code == 3
    assert notes(through) == []

    through.good(*sign, SIGNET_PIN=PIN)
    assert usage(admin, certificate) == 1


def test_two_that_sign_the_same_at_once_have_two_signatures(through: Command, admin: Client) -> None:
    _, certificate = owned(admin, "ECC_NIST_P256")
    running = [through.start("sign", "a", "-c", certificate["alias"], "-o", name) for name in ("one", "two")]

    told = [each.communicate(timeout=ANSWER_TIMEOUT_SECONDS)[1] for each in running]

    assert [each.returncode for each in running] == [0, 0], told
    assert (through.home / "one").read_bytes() != (through.home / "two").read_bytes()
    assert usage(admin, certificate) == 2


def test_where_no_note_can_be_kept_it_signs_all_the_same(through: Command, admin: Client, signet: Service) -> None:
    _, certificate = owned(admin, "ECC_NIST_P256")
    token = signet.stack.issuer.token("alice", [])

    through.good("sign", "a", "-c", certificate["alias"], SIGNET_ID_TOKEN=token, XDG_STATE_HOME="/dev/null/nowhere")

    assert usage(admin, certificate) == 1
