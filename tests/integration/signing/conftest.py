"""What the tests of this folder sign with."""

from typing import Any

import pytest

from tests.integration.signing.signing_orders import OWNER
from tests.support.services.over_http import Client


@pytest.fixture
def mine(admin: Client) -> dict[str, Any]:
    """A certificate of alice's."""
    return admin.import_certificate(owner=OWNER)
