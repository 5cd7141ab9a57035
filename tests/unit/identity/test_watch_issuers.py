"""The watch over the issuers: it says whether tokens could be judged, and is the clock of the alarm about the check."""

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from functions.automation.watch_issuers import app
from signet.settings import settings
from signet.wiring import wiring
from tests.architecture.source_tree import functions
from tests.support.services.oidc_issuer import OidcIssuer, jwk, key, running_issuer


@pytest.fixture
def corp() -> Iterator[OidcIssuer]:
    with running_issuer() as issuer:
        issuer.keys = [jwk(key("P-256"), kid="k1")]
        yield issuer


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    yield
    settings.cache_clear()
    wiring.cache_clear()


def watch(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], issuers: Any) -> tuple[Any, set[str]]:
    """What the function answers, and what it counts."""
    for name, value in functions()["WatchIssuersFunction"]["Environment"]["Variables"].items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setenv("TRUSTED_ISSUERS", issuers if isinstance(issuers, str) else json.dumps(issuers))
    settings.cache_clear()
    wiring.cache_clear()
    answer = app.lambda_handler({}, SimpleNamespace(aws_request_id="run-1"))
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    metrics = [metric["Name"] for each in printed for metric in each["_aws"]["CloudWatchMetrics"][0]["Metrics"]]
    assert [each["ExpiryChecks"] for each in printed if "ExpiryChecks" in each] == [[0.0]]
    return answer, set(metrics) - {"ExpiryChecks"}


def one(corp: OidcIssuer) -> dict[str, Any]:
    return {"alias": "corp", "issuer": corp.url, "audiences": ["signet"], "user_claim": "sub"}


def test_issuers_that_can_be_reached_ring_nothing(
    corp: OidcIssuer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert watch(monkeypatch, capsys, [one(corp)]) == ({"judged": True}, set())


def test_an_issuer_out_of_reach_is_counted_though_nobody_calls(
    corp: OidcIssuer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    corp.answers["/keys"] = lambda: (503, {}, b"")

    assert watch(monkeypatch, capsys, [one(corp)]) == ({"judged": False}, {"IssuerKeysUnavailable"})


def test_a_list_that_cannot_be_used_is_counted_and_the_clock_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert watch(monkeypatch, capsys, "[{") == ({"judged": False}, {"TrustedIssuersRefused"})
