"""Which places the console's page may talk to, and that no list of issuers can name another."""

import json
import re
from collections.abc import Mapping

import pytest

from signet.adapters.identity.issuer_list import read_issuer_list
from signet.domain.access.trusted_issuer import InvalidTrustedIssuersError, parse_trusted_issuers
from signet.operations.console.get_console import get_console

CORP = {"alias": "corp", "issuer": "https://login.example.com/tenant", "audiences": ["signet"], "user_claim": "sub"}
ORIGIN = re.compile(r"https?://([A-Za-z0-9][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")


def origins(*entries: Mapping[str, object]) -> list[str]:
    trusted = parse_trusted_issuers(json.dumps(entries))
    return list(get_console(issuers=lambda: trusted))


def test_it_talks_to_the_issuers_with_a_login_and_to_the_hosts_these_name_each_once() -> None:
    found = origins(
        CORP | {"login": {"client_id": "cli", "hosts": ["keys.example.net:8443", "login.example.com"]}},
        CORP | {"alias": "lab", "issuer": "https://login.example.com/lab", "login": {"client_id": "cli"}},
        CORP | {"alias": "ci", "issuer": "https://token.ci.example.com"},
    )

    assert found == ["https://login.example.com", "https://keys.example.net:8443"]


def test_without_a_login_it_talks_to_nobody_else() -> None:
    assert origins(CORP) == []


@pytest.mark.parametrize("text", ["", "[{", "{}", json.dumps([{**CORP, "alias": "automation"}])])
def test_with_a_wrong_list_of_issuers_it_talks_to_nobody_else(text: str) -> None:
    assert list(get_console(issuers=lambda: read_issuer_list(text))) == []


@pytest.mark.parametrize(
    "issuer",
    [
        "https://login.example.com;script-src",
        "https://login.example.com;/tenant",
        "https://login.example.com,evil.example.com/",
        "https://login.example.com evil.example.com/",
        "https://login.example.com\tevil.example.com/",
        "https://login.example.com\n/",
        "https://*/",
        "https://*.example.com/",
        "https://'self'/",
        "https://login.example.com:*/",
        "https://login.example.com:/",
        "https://login.example.com@evil.example.com/",
        "https://login.example.com\\evil.example.com/",
        "https://evil.example.com%2f/",
        "https://löwe.example.com/",
        "https:///tenant",
        "https://-/",
    ],
)
def test_a_host_that_would_say_more_than_a_host_is_refused_with_its_issuer(issuer: str) -> None:
    with pytest.raises(InvalidTrustedIssuersError, match="issuer"):
        origins(CORP | {"issuer": issuer, "login": {"client_id": "cli"}})


@pytest.mark.parametrize("host", ["a.example.com; script-src *", "a b", "*", "*.example.com", "a,b", "'self'", "a\n"])
def test_a_host_of_a_login_is_one_host(host: str) -> None:
    with pytest.raises(InvalidTrustedIssuersError, match="hosts"):
        origins(CORP | {"login": {"client_id": "cli", "hosts": [host]}})


@pytest.mark.parametrize(
    "issuer", ["https://Login.Example.com:8443/t", "https://[::1]:3000", "https://a_b.example.com", "https://10.0.0.1"]
)
def test_what_is_named_is_one_origin(issuer: str) -> None:
    (origin,) = origins(CORP | {"issuer": issuer, "login": {"client_id": "cli"}})

    assert ORIGIN.fullmatch(origin)
