"""One small stack, with a function for each thing to get right, for all tests of this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.stack import Stack, start

TEMPLATE = Path(__file__).parents[1] / "small_stack" / "template.yaml"


@pytest.fixture(scope="session")
def printed() -> list[str]:
    return []


@pytest.fixture(scope="session")
def stack(printed: list[str]) -> Iterator[Stack]:
    with start(template=TEMPLATE, log=printed.append) as running:
        yield running
