"""The service with empty tables, for each test of this folder."""

from collections.abc import Iterator

import pytest

from tests.support.services.in_process import InProcess


@pytest.fixture
def signet(whole: InProcess) -> Iterator[InProcess]:
    """Empty tables."""
    whole.forget()
    with whole.as_it_was():
        yield whole
