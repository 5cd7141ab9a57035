"""One full store in the process of the tests; each test has it as it was filled."""

from collections.abc import Iterator

import pytest

from tests.integration.recovery.store import fill
from tests.support.services.in_process import InProcess, running
from tools.recovery.deployment import run_here
from tools.recovery.tables import Tables


@pytest.fixture(scope="module")
def whole() -> Iterator[InProcess]:
    """The service, with something of every kind in it."""
    with running() as signet:
        fill(signet.admin, signet.caller("alice"))
        yield signet


@pytest.fixture
def signet(whole: InProcess) -> Iterator[InProcess]:
    """The same, and afterwards as it was."""
    with whole.as_it_was():
        yield whole


@pytest.fixture
def tables(signet: InProcess) -> Tables:
    """Its tables, as `make doctor` reads them; nobody waits."""
    return Tables(run_here("", signet.client), sleep=lambda _: None)
