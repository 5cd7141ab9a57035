"""A function makes what it needs while Lambda starts it, and nowhere else."""

import logging
from collections.abc import Iterator

import pytest

from signet.settings import settings
from signet.wiring import Wiring, at_init, wiring


@pytest.fixture(autouse=True)
def nothing_is_remembered() -> Iterator[None]:
    wiring.cache_clear()
    settings.cache_clear()
    yield
    wiring.cache_clear()
    settings.cache_clear()


def test_outside_lambda_a_function_can_be_imported_without_an_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_LAMBDA_INITIALIZATION_TYPE", raising=False)
    made: list[Wiring] = []

    at_init(made.append)

    assert made == []


def test_what_goes_wrong_at_init_is_told_and_left_to_the_first_request(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")
    monkeypatch.delenv("CERTIFICATE_TABLE", raising=False)
    made: list[Wiring] = []

    with caplog.at_level(logging.WARNING):
        at_init(made.append)

    assert made == []
    assert [(record.message, record.__dict__["error"]) for record in caplog.records] == [
        ("not ready at init", "KeyError")
    ]
