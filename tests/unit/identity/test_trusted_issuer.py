"""The deployment's list of trusted issuers is taken whole or not at all."""

import json

import pytest

from signet.domain.access.trusted_issuer import (
    InvalidTrustedIssuersError,
    Login,
    TrustedIssuer,
    is_loopback,
    judge_trusted_issuers,
    parse_trusted_issuers,
)

CORP = {
    "alias": "corp",
    "issuer": "https://login.example.com/tenant",
    "audiences": ["signet"],
    "user_claim": "sub",
    "group_claims": ["groups"],
}
GITHUB = {
    "alias": "github",
    "issuer": "https://token.actions.example.com",
    "audiences": ["signet"],
    "user_claim": "sub",
}


def parse(*entries: object) -> list[TrustedIssuer]:
    return list(parse_trusted_issuers(json.dumps(entries)).values())


def test_several_issuers_are_found_by_their_url() -> None:
    issuers = parse_trusted_issuers(json.dumps([CORP, GITHUB]))

    assert issuers["https://login.example.com/tenant"] == TrustedIssuer(
        "corp", "https://login.example.com/tenant", ("signet",), "sub", ("groups",)
    )
    assert issuers["https://token.actions.example.com"].group_claims == ()


def test_an_optional_member_may_be_null() -> None:
    nothing = dict.fromkeys(("group_claims", "required_claims", "jwks_uri", "login"))

    assert parse(GITHUB | nothing) == parse(GITHUB)


@pytest.mark.parametrize("text", ["", "{}", "null", "[", '"x"', "[" * 100_000, "[1]", "[[]]", "[null]"])
def test_what_is_not_a_list_of_objects_is_refused(text: str) -> None:
    with pytest.raises(InvalidTrustedIssuersError):
        parse_trusted_issuers(text)


@pytest.mark.parametrize("member", ["alias", "issuer", "user_claim"])
@pytest.mark.parametrize("wrong", [None, "", " ", "a\n", " a", 1, ["a"], {}])
def test_what_is_required_is_text(member: str, wrong: object) -> None:
    with pytest.raises(InvalidTrustedIssuersError, match=member):
        parse(CORP | {member: wrong})


@pytest.mark.parametrize("member", ["alias", "issuer", "audiences", "user_claim"])
def test_what_is_required_is_there(member: str) -> None:
    with pytest.raises(InvalidTrustedIssuersError, match=f"lacks {member}"):
        parse({name: text for name, text in CORP.items() if name != member})


def test_a_misspelt_member_is_not_passed_over() -> None:
    with pytest.raises(InvalidTrustedIssuersError, match=r"has no 'group_claim'; it has .*group_claims"):
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
    with pytest.raises(InvalidTrustedIssuersError, match=r"entry 2 \(corp\): it has the same alias as entry 1"):
        parse(CORP, GITHUB | {"alias": "corp"})
    for same in (CORP["issuer"], f"{CORP['issuer']}/"):
        with pytest.raises(InvalidTrustedIssuersError, match="same URL"):
            parse(CORP, GITHUB | {"issuer": same})


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


# --- the members of an entry -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "said"),
    [
        ({"audience": "signet"}, "audience is now audiences, a list"),
        ({"groups_claim": "groups"}, "groups_claim is now group_claims, a list"),
    ],
)
def test_a_former_member_is_refused_with_its_new_name(old: dict[str, str], said: str) -> None:
    with pytest.raises(InvalidTrustedIssuersError, match=said):
        parse(CORP | old)


@pytest.mark.parametrize("member", ["audiences", "group_claims"])
@pytest.mark.parametrize("wrong", ["signet", {}, 1, [1], [""], [" a"], ["a\n"], [["a"]], ["a"] * 21])
def test_what_is_a_list_of_texts_is_nothing_else(member: str, wrong: object) -> None:
    with pytest.raises(InvalidTrustedIssuersError, match=member):
        parse(CORP | {member: wrong})


def test_without_an_audience_every_token_of_the_issuer_would_do() -> None:
    with pytest.raises(InvalidTrustedIssuersError, match="audiences is a list of 1 to"):
        parse(CORP | {"audiences": []})


def test_two_claims_that_could_yield_one_user_group_do_not_stand_together() -> None:
    with pytest.raises(InvalidTrustedIssuersError, match="environment:name cannot stand beside environment"):
        parse(CORP | {"group_claims": ["environment:name", "environment"]})
    assert parse(CORP | {"group_claims": ["environment", "environment_name"]})


@pytest.mark.parametrize(
    "wrong", [[], "acme", {}, {"owner": "acme"}, {"owner": []}, {"owner": [None]}, {"owner": [1.5]}, {"": ["acme"]}]
)
def test_required_claims_are_lists_of_values_by_claim(wrong: object) -> None:
    with pytest.raises(InvalidTrustedIssuersError, match="required_claims"):
        parse(CORP | {"required_claims": wrong})


def test_required_claims_are_texts_whole_numbers_and_truths() -> None:
    given = {"owner": ["acme", "acme-labs"], "verified": [True], "level": [3]}

    assert parse(CORP | {"required_claims": given})[0].required_claims == {
        "owner": ("acme", "acme-labs"),
        "verified": (True,),
        "level": (3,),
    }


def test_a_login_has_what_people_log_in_with() -> None:
    login = {
        "client_id": "signet-cli",
        "scopes": "openid profile",
        "console_client_id": "signet-console",
        "token": "id_token",
        "hosts": ["login.example.net", "127.0.0.1:3000"],
    }

    assert parse(CORP | {"login": login})[0].login == Login(
        "signet-cli", "openid profile", "id_token", "signet-console", ("login.example.net", "127.0.0.1:3000")
    )
    assert parse(CORP | {"login": {"client_id": "cli"}})[0].login == Login("cli", "openid", "access_token")


@pytest.mark.parametrize(
    "wrong",
    [
        "signet-cli",
        {},
        {"client_id": ""},
        {"client_id": "cli", "client_secret": "x"},
        {"client_id": "cli", "scopes": "openid  profile"},
        {"client_id": "cli", "scopes": 'openid "profile"'},
        {"client_id": "cli", "token": "refresh_token"},
        {"client_id": "cli", "hosts": "login.example.net"},
        {"client_id": "cli", "hosts": ["https://login.example.net"]},
        {"client_id": "cli", "hosts": ["login.example.net; script-src *"]},
        {"client_id": "cli", "hosts": ["*"]},
    ],
    ids=str,
)
def test_a_login_that_cannot_be_used_is_refused(wrong: object) -> None:
    with pytest.raises(InvalidTrustedIssuersError, match=r"login|client_id"):
        parse(CORP | {"login": wrong})


def test_a_member_given_twice_is_not_the_last_one() -> None:
    with pytest.raises(InvalidTrustedIssuersError, match="twice"):
        parse_trusted_issuers('[{"alias": "corp", "alias": "ci"}]')


def test_each_entry_is_judged_by_itself_and_named_as_people_count() -> None:
    verdicts = judge_trusted_issuers(json.dumps([CORP, 1, GITHUB | {"audiences": []}, GITHUB]))

    assert [(each.entry, each.fault is None) for each in verdicts] == [
        ("entry 1 (corp)", True),
        ("entry 2", False),
        ("entry 3 (github)", False),
        ("entry 4 (github)", True),
    ]


def test_a_wrong_list_says_all_that_is_wrong() -> None:
    with pytest.raises(InvalidTrustedIssuersError, match=r"entry 1: .* is a JSON object; entry 2 .*lacks"):
        parse_trusted_issuers('[1, {"alias": "corp"}]')
