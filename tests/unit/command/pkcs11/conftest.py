"""A program at the other end of the agent, before a service that is in memory; and nobody at a terminal."""

import pytest

from tests.support.programs.pkcs11_program import (
    Pkcs11Program,
    StandInService,
    program_of,
    rsa_certificate,
)


@pytest.fixture
def nobody_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    """No window, no PIN and no reason of whoever runs the tests."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SIGNET_PIN", "SIGNET_REASON"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def service() -> StandInService:
    return StandInService({"release": rsa_certificate()})


@pytest.fixture
def program(service: StandInService) -> Pkcs11Program:
    return program_of(service)
