"""Who signs under an Idempotency-Key, with what, and a key that nobody used."""

from typing import Any

import pytest

from tests.integration.interface.idempotency.repeats import OWNER, USER
from tests.support.certificates.issued import unused_name
from tests.support.services.over_http import Client, Service


@pytest.fixture(scope="module")
def alice(signet: Service) -> Client:
    """Somebody whom no role and no policy of another test names: what is refused to those is recorded."""
    return signet.caller(USER)


@pytest.fixture
def mine(admin: Client) -> dict[str, Any]:
    """A certificate of alice's."""
    return admin.import_certificate(owner=OWNER)


@pytest.fixture
def key() -> str:
    """A key not used before."""
    return unused_name("key")
