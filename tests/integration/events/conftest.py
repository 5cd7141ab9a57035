"""One service in the process of the tests for each module, whose tables are emptied between its tests."""

from collections.abc import Iterator

import pytest

from tests.support.services.in_process import InProcess, running


@pytest.fixture(scope="module")
def whole() -> Iterator[InProcess]:
    """The service with whatever its tests have stored so far."""
    with running() as signet:
        yield signet
