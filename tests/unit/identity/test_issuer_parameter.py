"""A list of issuers that is too long for the environment lies in the Parameter Store."""

import json
import time
from collections.abc import Iterator
from inspect import signature
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from functions.automation.watch_issuers import app as watch_issuers
from signet.adapters.identity.issuer_parameter import KEPT, MOST_AGE, RETRY, IssuerParameter
from signet.domain.errors import TokensUnjudgedError
from signet.settings import settings
from signet.wiring import wiring
from tests.architecture.source_tree import functions
from tests.support.services.oidc_issuer import jwk, key, running_issuer

NAME = "/signet/trusted-issuers"


def entry(alias: str, **members: Any) -> dict[str, Any]:
    issuer = f"https://{alias}.example.com"
    return {"alias": alias, "issuer": issuer, "audiences": ["signet"], "user_claim": "sub", **members}


class Store:
    """A Parameter Store with one parameter, a clock, and a count of how often it was asked."""

    def __init__(self) -> None:
        self.ssm = boto3.client("ssm", region_name="us-east-1")
        self.now = 1000.0
        self.asked = 0

    def put(self, *entries: Any, text: str = "", tier: str = "Standard") -> None:
        value = text or json.dumps(entries)
        self.ssm.put_parameter(Name=NAME, Value=value, Type="String", Overwrite=True, Tier=tier)

    def client(self) -> Any:
        self.asked += 1
        return self.ssm

    def issuers(self, *aliases: str) -> IssuerParameter:
        return IssuerParameter(NAME, frozenset(aliases), self.client, lambda: self.now)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of-moto")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-moto")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield Store()
    settings.cache_clear()
    wiring.cache_clear()


def counted(capsys: pytest.CaptureFixture[str]) -> int:
    return capsys.readouterr().out.count('"TrustedIssuersRefused":[1')


def test_a_list_of_eight_kilobytes_is_read_once_in_five_minutes(store: Store) -> None:
    names = [f"issuer-{number}" for number in range(70)]
    entries = [entry(name) for name in names]
    assert 6000 < len(json.dumps(entries)) < 8192
    store.put(*entries, tier="Advanced")
    issuers = store.issuers(*names)

    first = issuers.read()
    store.now += KEPT - 1

    assert {issuer.alias for issuer in first.values()} == set(names)
    assert issuers.read() is first
    assert store.asked == 1
    store.now += 1
    assert issuers.read() is first  # read again, and as it was: the keys of issuers are not fetched anew
    assert store.asked == 2


def test_a_changed_list_is_in_force_within_five_minutes(store: Store) -> None:
    store.put(entry("corp"))
    issuers = store.issuers("corp")
    issuers.read()
    store.put(entry("corp", audiences=["another"]))
    store.now += KEPT

    assert [issuer.audiences for issuer in issuers.read().values()] == [("another",)]


def test_a_clock_that_was_set_back_keeps_no_list_for_longer(store: Store) -> None:
    store.put(entry("corp"))
    issuers = store.issuers("corp")
    issuers.read()
    store.put(entry("corp", audiences=["another"]))
    store.now -= KEPT

    assert [issuer.audiences for issuer in issuers.read().values()] == [("another",)]


def test_the_time_in_which_lambda_keeps_a_function_frozen_counts() -> None:
    # What a monotonic clock tells may leave it out.
    assert signature(IssuerParameter).parameters["clock"].default is time.time


def test_a_store_that_does_not_answer_lets_nobody_in_and_is_not_asked_by_every_caller(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    issuers = store.issuers("corp")

    for _ in range(5):
        with pytest.raises(TokensUnjudgedError, match="cannot be had"):
            issuers.read()

    assert (store.asked, counted(capsys)) == (1, 1)
    store.put(entry("corp"))
    store.now += RETRY
    assert issuers.read()


def test_a_list_that_was_read_serves_for_an_hour_without_the_store_and_no_longer(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    store.put(entry("corp"))
    issuers = store.issuers("corp")
    first = issuers.read()
    store.ssm.delete_parameter(Name=NAME)

    store.now += MOST_AGE - 1
    assert issuers.read() is first
    assert counted(capsys) == 1
    store.now += 1
    with pytest.raises(TokensUnjudgedError):
        issuers.read()


@pytest.mark.parametrize("wrong", ["[{", '[{"alias": "corp"}]', "[]", json.dumps([entry("corp"), entry("ci")])])
def test_a_wrong_list_lets_nobody_in_at_once(wrong: str, store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    store.put(entry("corp"))
    issuers = store.issuers("corp")
    issuers.read()
    store.put(text=wrong)
    store.now += KEPT

    for _ in range(3):
        with pytest.raises(TokensUnjudgedError, match="cannot be"):
            issuers.read()
    assert counted(capsys) == 1
    store.put(entry("corp"))
    store.now += RETRY
    assert issuers.read()


def test_the_service_judges_by_the_stored_list(
    store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with running_issuer() as corp:
        corp.keys = [jwk(key("P-256"), kid="k1")]
        for name, value in functions()["WatchIssuersFunction"]["Environment"]["Variables"].items():
            monkeypatch.setenv(name, str(value))
        monkeypatch.setenv("TRUSTED_ISSUERS", '["corp"]')
        monkeypatch.setenv("TRUSTED_ISSUERS_PARAMETER", NAME)
        settings.cache_clear()
        wiring.cache_clear()

        assert watch_issuers.lambda_handler({}, SimpleNamespace(aws_request_id="run-1")) == {"judged": False}
        assert "TrustedIssuersRefused" in capsys.readouterr().out

        store.put({**entry("corp"), "issuer": corp.url})
        wiring.cache_clear()
        assert watch_issuers.lambda_handler({}, SimpleNamespace(aws_request_id="run-2")) == {"judged": True}
        assert wiring().issuers == {"corp"}


@pytest.mark.parametrize("told", ["[{", "{}", '["Corp"]', '["corp", "corp"]', '[{"alias": "corp"}]'])
def test_beside_a_stored_list_the_environment_has_aliases_and_nothing_else(
    told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in functions()["GetMeFunction"]["Environment"]["Variables"].items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setenv("TRUSTED_ISSUERS", told)
    monkeypatch.setenv("TRUSTED_ISSUERS_PARAMETER", NAME)
    settings.cache_clear()
    wiring.cache_clear()

    with pytest.raises(TokensUnjudgedError):
        _ = wiring().issuers
    assert counted(capsys) == 1
    settings.cache_clear()
    wiring.cache_clear()
