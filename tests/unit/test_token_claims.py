"""What the claims of a genuine token must say."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from signet.domain.errors import InvalidTokenError
from signet.domain.token_claims import MAX_USER_GROUPS, VerifiedToken, read_claims
from signet.domain.trusted_issuer import TrustedIssuer

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
CORP = TrustedIssuer("corp", "https://login.example.com", "signet", "sub", "groups")
CLAIMS = {"iss": CORP.issuer, "aud": "signet", "sub": "alice", "exp": SECONDS + 600}


def read(**changes: Any) -> VerifiedToken:
    return read_as(CORP, **changes)


def read_as(issuer: TrustedIssuer, /, **changes: Any) -> VerifiedToken:
    """What a token says whose claims are changed like this; `...` leaves one out."""
    claims = {name: value for name, value in (CLAIMS | changes).items() if value is not ...}
    return read_claims(claims, issuer, NOW)


def test_a_token_names_its_user_and_groups_behind_the_alias_of_its_issuer() -> None:
    token = read(groups=["release", "QA team"], iat=SECONDS, nbf=SECONDS)

    assert token == VerifiedToken("corp/alice", ("corp/release", "corp/QA team"), NOW + timedelta(minutes=10))


def test_another_issuers_claims_name_nobody() -> None:
    for iss in ("https://login.example.com/", "https://LOGIN.example.com", None, ["https://login.example.com"], ...):
        with pytest.raises(InvalidTokenError, match="another issuer"):
            read(iss=iss)


@pytest.mark.parametrize("aud", ["signet", ["signet"], ["other", "signet"]])
def test_the_audience_is_ours_or_contains_us(aud: object) -> None:
    assert read(aud=aud).user == "corp/alice"


@pytest.mark.parametrize(
    "aud",
    [
        ...,
        None,
        "",
        "Signet",
        "signet ",
        "signet2",
        "sign",
        [],
        ["other"],
        [["signet"]],
        {"signet": 1},
        ["signet", 1],
        1,
    ],
)
def test_a_token_for_another_audience_is_refused(aud: object) -> None:
    with pytest.raises(InvalidTokenError, match="audience"):
        read(aud=aud)


def test_a_token_works_to_the_last_second_and_not_at_its_expiry() -> None:
    assert read(exp=SECONDS + 1).expires_at == NOW + timedelta(seconds=1)
    for expired in (SECONDS, SECONDS - 1, SECONDS + 0.9, 0):
        with pytest.raises(InvalidTokenError, match="expired"):
            read(exp=expired)


@pytest.mark.parametrize(
    "wrong", [..., None, "", str(SECONDS + 600), True, [SECONDS + 600], float("inf"), float("nan"), -1, 10**12, 10**400]
)
def test_the_expiry_is_a_time_and_is_there(wrong: object) -> None:
    with pytest.raises(InvalidTokenError, match="exp is not a time"):
        read(exp=wrong)


def test_the_issuers_clock_may_be_a_minute_ahead() -> None:
    assert read(nbf=SECONDS + 60, iat=SECONDS + 60).user == "corp/alice"
    assert read(nbf=0, iat=0.5).user == "corp/alice"


@pytest.mark.parametrize("claim", ["nbf", "iat"])
def test_a_token_of_a_time_to_come_is_refused(claim: str) -> None:
    with pytest.raises(InvalidTokenError, match=f"time to come \\({claim}\\)"):
        read(**{claim: SECONDS + 61})


@pytest.mark.parametrize("claim", ["nbf", "iat"])
@pytest.mark.parametrize("wrong", [None, "0", False, [], -1, float("inf")])
def test_other_times_are_times_too(claim: str, wrong: object) -> None:
    with pytest.raises(InvalidTokenError, match=f"{claim} is not a time"):
        read(**{claim: wrong})


@pytest.mark.parametrize(
    "name", ["alice", "Alice", "repo:acme/app:ref:refs/heads/main", "a b", "josé", "李", "x" * 256, "/", "automation/x"]
)
def test_a_name_is_taken_as_it_is(name: str) -> None:
    token = read(sub=name, groups=name)

    assert (token.user, token.user_groups) == (f"corp/{name}", (f"corp/{name}",))


NOT_NAMES = [
    "",
    " ",
    " a",
    "a ",
    "a\nb",
    "a\0",
    "a\u202eb",
    "a\u200bb",
    "a\u00a0b",
    "\ud800",
    "jose\u0301",
    "x" * 257,
    1,
    {},
    True,
]


@pytest.mark.parametrize("name", [*NOT_NAMES, ..., None, ["alice"]])
def test_a_user_without_a_clean_name_is_nobody(name: object) -> None:
    with pytest.raises(InvalidTokenError, match="user claim"):
        read(sub=name)


@pytest.mark.parametrize("name", [*NOT_NAMES, None, ["a"]])
def test_a_group_without_a_clean_name_is_not_dropped_but_refuses_the_token(name: object) -> None:
    with pytest.raises(InvalidTokenError, match="groups claim"):
        read(groups=["release", name])


@pytest.mark.parametrize("groups", [None, 1, {}, {"release": True}, True, ""])
def test_a_list_of_groups_that_cannot_be_read_refuses_the_token(groups: object) -> None:
    with pytest.raises(InvalidTokenError, match="groups claim"):
        read(groups=groups)


def test_no_groups_is_no_groups() -> None:
    assert read().user_groups == read(groups=[]).user_groups == ()


def test_a_group_named_twice_is_one() -> None:
    assert read(groups=["b", "a", "b"]).user_groups == ("corp/b", "corp/a")


def test_groups_are_never_cut_off() -> None:
    names = [f"group {number}" for number in range(MAX_USER_GROUPS + 1)]

    assert len(read(groups=names[:-1]).user_groups) == MAX_USER_GROUPS
    with pytest.raises(InvalidTokenError, match="more than 1000 groups"):
        read(groups=names)


@pytest.mark.parametrize(
    "claims",
    [
        {"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "https://graph.example.com"}}},
        {"_claim_names": {}},
        {"_claim_sources": {}},
        {"hasgroups": True},
        {"hasgroups": "true"},
        {"groups:src1": {}},
        {"groups": ["release"], "hasgroups": True},
    ],
)
def test_a_token_whose_groups_were_left_out_is_refused(claims: dict[str, Any]) -> None:
    with pytest.raises(InvalidTokenError, match="left out"):
        read(**claims)


def test_groups_are_read_from_the_claim_the_deployment_names_and_from_no_other() -> None:
    issuer = TrustedIssuer("ci", CORP.issuer, "signet", "repository", "https://example.com/teams")

    token = read_as(issuer, repository="acme/app", groups=["administrators"], **{"https://example.com/teams": "build"})

    assert (token.user, token.user_groups) == ("ci/acme/app", ("ci/build",))


def test_an_issuer_without_groups_gives_none() -> None:
    issuer = TrustedIssuer("ci", CORP.issuer, "signet", "sub")

    assert read_as(issuer, groups=["administrators"]).user_groups == ()
