"""What the service logs is not what a benchmark prints."""

import io
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from signet.observability import logger


@contextmanager
def quiet() -> Iterator[None]:
    """Lines are made, and go nowhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logger.registered_handler, "stream", io.StringIO())
        yield
