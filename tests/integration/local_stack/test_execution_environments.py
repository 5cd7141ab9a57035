"""The processes that functions run in come back, whichever of them is killed."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from local.stack import Stack, start

TEMPLATE = Path(__file__).parent / "small_stack" / "template.yaml"
MODULE = "local.lambda_service.execution_environments"


@pytest.fixture(scope="module")
def printed() -> list[str]:
    return []


@pytest.fixture(scope="module")
def of_other_stacks() -> set[int]:
    """Of the stacks that this run has already started, and shares."""
    return zygotes()


@pytest.fixture(scope="module")
def stack(of_other_stacks: set[int], printed: list[str]) -> Iterator[Stack]:
    with start(template=TEMPLATE, log=printed.append) as running:
        yield running


def zygotes() -> set[int]:
    """The processes below this one that functions are started from."""
    found = set()
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            parent = (process / "stat").read_text().rpartition(")")[2].split()[1] if process.name.isdigit() else "0"
            if int(parent) == os.getpid() and MODULE.encode() in (process / "cmdline").read_bytes():
                found.add(int(process.name))
    return found


def status_of(stack: Stack, method: str, path: str) -> int:
    connection = http.client.HTTPConnection(stack.url.removeprefix("http://"), timeout=300)
    try:
        connection.request(method, path)
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.soak
def test_the_process_that_functions_are_started_from_is_replaced(
    stack: Stack, of_other_stacks: set[int], printed: list[str]
) -> None:
    for _ in range(2):
        assert status_of(stack, "GET", "/open") == 200
        for _ in range(10):  # No worker is left that could answer without it.
            assert status_of(stack, "POST", "/misbehave/die") == 500
        (zygote,) = zygotes() - of_other_stacks
        os.kill(zygote, signal.SIGKILL)
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: status_of(stack, "GET", "/open"), range(4)))

        assert answers == [200] * 4
        (another,) = zygotes() - of_other_stacks
        assert another != zygote
    assert sum("there is another one now" in text for text in printed) == 2
