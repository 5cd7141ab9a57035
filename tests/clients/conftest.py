"""One running service for all tests of this folder and those below it, and who calls it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.stack import start
from tests.support.programs.signet_command import Command
from tests.support.programs.signing_programs import Programs
from tests.support.services.over_http import Client, Service


@pytest.fixture(scope="session")
def signet() -> Iterator[Service]:
    """The service, with people's and pipelines' identity providers."""
    printed: list[str] = []
    with start(workers=4, log=printed.append, pipelines=True) as stack:
        yield Service(stack, printed)
    assert not [line for line in printed if '"broken"' in line or "as IAM would" in line]


@pytest.fixture(scope="session")
def admin(signet: Service) -> Client:
    """An Administrator, over HTTP."""
    return signet.caller("admin", "administrators")


@pytest.fixture
def stranger(signet: Service, tmp_path: Path) -> Command:
    """Somebody who has not logged in."""
    return Command(tmp_path, signet.stack.url)


@pytest.fixture
def command(stranger: Command) -> Command:
    """Alice, an Administrator, who has logged in."""
    stranger.good("login", "--local", "alice", "--group", "administrators")
    return stranger


@pytest.fixture
def programs(stranger: Command, signet: Service) -> Programs:
    """Alice's PKCS#11 programs."""
    return Programs(stranger, signet.stack.issuer.token("alice", []))
