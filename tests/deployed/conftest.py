"""The built stack, deployed to ministack once for all tests that ask for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployed.deployment import Deployment, deployed
from tests.packaging.conftest import built, layers
from tests.support.certificates.certification_authority import CertificationAuthority
from tests.support.checks.conformance import Conformance
from tests.support.services.over_http import ADMINISTRATORS, Client, Service
from tools.ministack.emulator import PYTHON, ministack
from tools.openapi.document import DOCUMENT

__all__ = ["built", "layers"]


@pytest.fixture(scope="session")
def deployment(built: Path, layers: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """The stack with IAM enforced."""
    if not PYTHON.exists():
        pytest.skip("ministack is not here; `make .tools/ministack/.ready` brings it")
    with (
        ministack(enforcing=True) as aws,
        deployed(aws, built, layers[0].parent, tmp_path_factory.mktemp("deployed")) as deployment,
    ):
        yield deployment
        log = aws.log.read_text(errors="replace")
    assert "AccessDenied" not in log


@pytest.fixture(scope="session")
def signet(deployment: Deployment) -> Service:
    """The deployed stack as tests know the local one; every answer is held to the OpenAPI document."""
    return Service(deployment.stack, [], Conformance(json.loads(DOCUMENT.read_text())))


@pytest.fixture(scope="session")
def admin(signet: Service) -> Client:
    """An Administrator."""
    return signet.caller("admin", ADMINISTRATORS)


@pytest.fixture(scope="session")
def alice(signet: Service) -> Client:
    """Somebody without a role."""
    return signet.caller("alice")


@pytest.fixture(scope="session")
def ca(tmp_path_factory: pytest.TempPathFactory) -> CertificationAuthority:
    """A CA of the customer's."""
    return CertificationAuthority(tmp_path_factory.mktemp("ca"))
