"""Many callers who do one thing at the same moment."""

from __future__ import annotations

import base64
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest

from tests.support.services.over_http import Response

T = TypeVar("T")

MANY = pytest.mark.parametrize("many", [8, pytest.param(20, marks=pytest.mark.soak)])
"""How many callers: more than there are processors, and many more."""

MESSAGE = b"sign this"
ORDER = {
    "message": base64.b64encode(MESSAGE).decode(),
    "message_type": "RAW",
    "signing_algorithm": "ECDSA_SHA_256",
}


def at_once(count: int, request: Callable[[int], T]) -> list[T]:
    """What `count` threads get that begin together."""
    together = threading.Barrier(count)

    def begin(number: int) -> T:
        together.wait()
        return request(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(begin, range(count)))


def codes(responses: Sequence[Response]) -> Counter[tuple[int, str | None]]:
    return Counter((int(response.status), response.code) for response in responses)
