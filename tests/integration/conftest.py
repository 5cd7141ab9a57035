"""One running service for all tests of this folder: each makes what it needs under names of its own."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.stack import start
from tests.support.certificates.certification_authority import CertificationAuthority
from tests.support.checks.conformance import Conformance
from tests.support.services.over_http import ADMINISTRATORS, Client, Service, note_work
from tools.openapi.document import DOCUMENT


@pytest.fixture(scope="session")
def signet() -> Iterator[Service]:
    """The service, empty at first, with the local issuer; every answer is held to the OpenAPI document."""
    printed: list[str] = []
    with start(workers=4, log=printed.append, seen=note_work) as stack:
        yield Service(stack, printed, Conformance(json.loads(DOCUMENT.read_text())))
    assert not [line for line in printed if '"broken"' in line or "as IAM would" in line]


@pytest.fixture(scope="session")
def admin(signet: Service) -> Client:
    """An Administrator."""
    return signet.caller("admin", ADMINISTRATORS)


@pytest.fixture(scope="session")
def alice(signet: Service) -> Client:
    """Somebody without a role, who owns what is given to her."""
    return signet.caller("alice")


@pytest.fixture(scope="session")
def mallory(signet: Service) -> Client:
    """Somebody without a role, who owns nothing."""
    return signet.caller("mallory")


@pytest.fixture(scope="session")
def ca(tmp_path_factory: pytest.TempPathFactory) -> CertificationAuthority:
    """A CA of the customer's."""
    folder: Path = tmp_path_factory.mktemp("ca")
    return CertificationAuthority(folder)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the seed table: what a product of this kind shows and does, row by row."""
    verdicts: dict[str, str] = {}
    for verdict in ("passed", "skipped", "failed", "error"):
        for report in terminalreporter.stats.get(verdict, []):
            module, _, name = str(getattr(report, "nodeid", "")).partition("::")
            if module.endswith("test_seed_table.py"):
                verdicts[name] = verdict
    if verdicts:
        terminalreporter.section("seed table")
        for name, verdict in verdicts.items():
            place, _, row = name.removeprefix("test_").replace("x509", "X.509").partition("__")
            terminalreporter.write_line(f"{place.replace('_', ' '):<16} {row.replace('_', ' '):<34} {verdict}")
