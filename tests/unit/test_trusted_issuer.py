"""The deployment's list of trusted issuers is taken whole or not at all."""

import json

import pytest

from signet.domain.trusted_issuer import InvalidTrustedIssuersError, TrustedIssuer, is_loopback, parse_trusted_issuers

CORP = {
    "alias": "corp",
    "issuer": "https://login.example.com/tenant",
    "audience": "signet",
    "user_claim": "sub",
    "groups_claim": "groups",
}
GITHUB = {
    "alias": "github",
    "issuer": "https://token.actions.example.com",
    "audience": "signet",
    "user_claim": "sub",
}


def parse(*entries: object) -> list[TrustedIssuer]:
    return list(parse_trusted_issuers(json.dumps(entries)).values())


def test_several_issuers_are_found_by_their_url() -> None:
    issuers = parse_trusted_issuers(json.dumps([CORP, GITHUB]))

    assert issuers["https://login.example.com/tenant"] == TrustedIssuer(
        "corp", "https://login.example.com/tenant", "signet", "sub", "groups"
    )
    assert issuers["https://token.actions.example.com"].groups_claim is None


def test_an_optional_member_may_be_null() -> None:
    assert parse(GITHUB | {"groups_claim": None, "jwks_uri": None})[0].groups_claim is None


@pytest.mark.parametrize("text", ["", "{}", "null", "[", '"x"', "[" * 100_000, "[1]", "[[]]", "[null]"])
def test_what_is_not_a_list_of_objects_is_refused(text: str) -> None:
    with pytest.raises(InvalidTrustedIssuersError):
        parse_trusted_issuers(text)


@pytest.mark.parametrize("member", ["alias", "issuer", "audience", "user_claim"])
@pytest.mark.parametrize("wrong", [None, "", " ", "a\n", " a", 1, ["a"], {}])
def test_what_is_required_is_text(member: str, wrong: object) -> None:
    with pytest.raises(InvalidTrustedIssuersError, match=member):
        parse(CORP | {member: wrong})


@pytest.mark.parametrize("member", ["alias", "issuer", "audience", "user_claim"])
def test_what_is_required_is_there(member: str) -> None:
    with pytest.raises(InvalidTrustedIssuersError, match=f"lacks {member}"):
        parse({name: text for name, text in CORP.items() if name != member})


def test_a_misspelt_member_is_not_passed_over() -> None:
    with pytest.raises(InvalidTrustedIssuersError, match="group_claim"):
        parse(CORP | {"group_claim": "groups"})


@pytest.mark.parametrize("alias", ["Corp", "corp/x", "corp:x", "-corp", "corp-", "corp_x", "a" * 33, "é", "corp x"])
def test_an_alias_leaves_names_one_reading(alias: str) -> None:
    with pytest.raises(InvalidTrustedIssuersError, match="alias"):
        parse(CORP | {"alias": alias})


def test_no_token_may_speak_for_automation() -> None:
    with pytest.raises(InvalidTrustedIssuersError, match="automation is reserved"):
        parse(CORP | {"alias": "automation"})


def test_local_is_an_issuer_on_this_machine() -> None:
    with pytest.raises(InvalidTrustedIssuersError, match="local is reserved"):
        parse(CORP | {"alias": "local"})
    assert parse(CORP | {"alias": "local", "issuer": "http://127.0.0.1:3000/local"})[0].alias == "local"


@pytest.mark.parametrize(
    "url",
    [
        "http://login.example.com",
        "http://127.0.0.1.example.com",
        "http://127.0.0.1@example.com",
        "https://user:secret@login.example.com",
        "https://",
        "https:///path",
        "https://login.example.com:port",
        "https://[::1",
        "https://login.example.com/a b",
        "https://login.example.com/é",
        "https://login.example.com\\@127.0.0.1",
        "https://login.example.com\\.example.net",
        "ftp://login.example.com",
        "file:///etc/passwd",
        "login.example.com",
        "https://login.example.com?x=y",
        "https://login.example.com#",
    ],
)
def test_an_issuer_url_is_https(url: str) -> None:
    with pytest.raises(InvalidTrustedIssuersError):
        parse(CORP | {"issuer": url})


@pytest.mark.parametrize("url", ["http://127.0.0.1:3000", "http://localhost:3000/local", "http://[::1]:3000"])
def test_on_this_machine_plain_http_will_do(url: str) -> None:
    assert parse(CORP | {"issuer": url})[0].issuer == url


def test_an_issuer_elsewhere_cannot_send_us_to_this_machine_in_plain() -> None:
    with pytest.raises(InvalidTrustedIssuersError, match="jwks_uri"):
        parse(CORP | {"jwks_uri": "http://127.0.0.1:9001/2018-06-01/runtime"})


@pytest.mark.parametrize(
    "url", ["https://keys.example\t.net", "https://keys.example.net/\n", "https://keys.example.net/\x7f"]
)
def test_an_address_with_control_characters_is_not_tidied(url: str) -> None:
    assert not parse(CORP)[0].may_be_fetched(url)


def test_keys_may_lie_elsewhere() -> None:
    assert (
        parse(CORP | {"jwks_uri": "https://keys.example.net/jwks?x=1"})[0].jwks_uri
        == "https://keys.example.net/jwks?x=1"
    )


def test_an_alias_and_a_url_are_each_given_once() -> None:
    with pytest.raises(InvalidTrustedIssuersError, match="same alias"):
        parse(CORP, GITHUB | {"alias": "corp"})
    with pytest.raises(InvalidTrustedIssuersError, match="same URL"):
        parse(CORP, GITHUB | {"issuer": CORP["issuer"]})


def test_discovery_is_below_the_issuer_whether_or_not_it_ends_in_a_slash() -> None:
    expected = "https://login.example.com/tenant/.well-known/openid-configuration"

    assert parse(CORP)[0].discovery_url == expected
    assert parse(CORP | {"issuer": "https://login.example.com/tenant/"})[0].discovery_url == expected


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1.2.3", "::1"])
def test_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["", "localhost.example.com", "169.254.169.254", "0.0.0.0", "10.0.0.1", "127.0.0.1.nip.io"]
)
def test_not_loopback(host: str) -> None:
    assert not is_loopback(host)
