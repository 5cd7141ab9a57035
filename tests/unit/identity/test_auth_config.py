"""Which client a browser logs in with: what the deployment's list says, what programs are told, and what is refused."""

import json

import pytest

from signet.api.bodies.login_bodies import AuthConfigBody
from signet.domain.access.trusted_issuer import parse_trusted_issuers
from tools.check_issuers import judge

CORP = {"alias": "corp", "issuer": "https://login.example.com", "audiences": ["signet"], "user_claim": "sub"}


def told(login: dict[str, object] | None) -> list[tuple[str, str]]:
    """Both clients of each issuer that is told of."""
    entry = CORP if login is None else CORP | {"login": login}
    issuers = parse_trusted_issuers(json.dumps([entry]))
    return [(each.client_id, each.console_client_id) for each in AuthConfigBody.of(issuers.values()).issuers]


def test_a_browser_has_the_client_that_the_issuer_has_for_browsers() -> None:
    assert told({"client_id": "signet-cli", "console_client_id": "signet-console"}) == [
        ("signet-cli", "signet-console")
    ]


@pytest.mark.parametrize("more", [{}, {"console_client_id": None}])
def test_without_one_it_has_the_client_of_programs(more: dict[str, object]) -> None:
    assert told({"client_id": "signet-cli", **more}) == [("signet-cli", "signet-cli")]


def test_an_issuer_that_nobody_logs_in_at_is_not_told_of() -> None:
    assert told(None) == []


@pytest.mark.parametrize("wrong", ["", " signet-console", "a\nb", 1, ["signet-console"]])
def test_make_issuers_names_a_client_of_the_console_that_cannot_be_one(wrong: object) -> None:
    login = {"client_id": "signet-cli", "console_client_id": wrong}

    ((entry, fault),) = judge(json.dumps([CORP | {"login": login}]))

    assert entry == "entry 1 (corp)"
    assert fault is not None
    assert fault.startswith("console_client_id is printable text")


def test_make_issuers_finds_nothing_wrong_with_a_complete_login() -> None:
    login = {
        "client_id": "signet-cli",
        "console_client_id": "signet-console",
        "scopes": "openid profile offline_access",
        "token": "access_token",
        "hosts": ["oauth2.example.net"],
    }

    assert list(judge(json.dumps([CORP | {"login": login}]))) == [("entry 1 (corp)", None)]
