"""What the claims of a genuine token must say."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from signet.domain.access.token_claims import MAX_USER_GROUPS, VerifiedToken, read_claims
from signet.domain.access.trusted_issuer import TrustedIssuer
from signet.domain.errors import InvalidTokenError

pytestmark = pytest.mark.clock

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
CORP = TrustedIssuer("corp", "https://login.example.com", ("signet",), "sub", ("groups",))
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
        with pytest.raises(InvalidTokenError, match="issuer of the token is not trusted"):
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
    with pytest.raises(InvalidTokenError, match=f"not yet valid: its {claim}"):
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
    token = read(sub=name, groups=[name])

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
    with pytest.raises(InvalidTokenError, match="claim sub of the token"):
        read(sub=name)


@pytest.mark.parametrize("name", [*NOT_NAMES, None, ["a"]])
def test_a_group_without_a_clean_name_is_not_dropped_but_refuses_the_token(name: object) -> None:
    with pytest.raises(InvalidTokenError, match="claim groups of the token"):
        read(groups=["release", name])


@pytest.mark.parametrize("groups", [None, 1, {}, {"release": True}, True])
def test_a_list_of_groups_that_cannot_be_read_refuses_the_token(groups: object) -> None:
    with pytest.raises(InvalidTokenError, match="claim groups of the token"):
        read(groups=groups)


def test_no_groups_is_no_groups() -> None:
    assert read().user_groups == read(groups=[]).user_groups == read(groups="").user_groups == ()


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
    issuer = TrustedIssuer("ci", CORP.issuer, ("signet",), "repository", ("https://example.com/teams",))

    token = read_as(
        issuer, repository="acme/app", groups=["administrators"], **{"https://example.com/teams": ["build"]}
    )

    assert (token.user, token.user_groups) == ("ci/acme/app", ("ci/build",))


def test_an_issuer_without_groups_gives_none() -> None:
    issuer = TrustedIssuer("ci", CORP.issuer, ("signet",), "sub")

    assert read_as(issuer, groups=["administrators"]).user_groups == ()


# --- groups from several claims ----------------------------------------------------------------------------------


def groups_of(*group_claims: str, **claims: Any) -> list[str]:
    issuer = TrustedIssuer("ci", CORP.issuer, ("signet",), "sub", group_claims)
    return [name.removeprefix("ci/") for name in read_as(issuer, **claims).user_groups]


def test_each_entry_of_a_list_and_each_text_is_a_group() -> None:
    assert groups_of("groups", "environment", groups=["release", "qa"], environment="production") == [
        "release",
        "qa",
        "environment:production",
    ]


def test_a_claim_that_is_not_there_or_has_nothing_to_say_is_no_group() -> None:
    assert groups_of("groups", "environment", "head_ref", head_ref="") == []


def test_a_dot_goes_into_a_nested_claim() -> None:
    assert groups_of("realm_access.roles", realm_access={"roles": ["signer"]}) == ["signer"]
    assert groups_of("a.b.c", a={"b": {"c": "deep"}}) == ["a.b.c:deep"]


def test_a_claim_that_has_the_whole_name_goes_before_a_nested_one() -> None:
    claims = {"realm_access.roles": ["whole"], "realm_access": {"roles": ["nested"]}}

    assert groups_of("realm_access.roles", **claims) == ["whole"]


def test_a_nested_claim_may_lie_below_a_name_with_dots() -> None:
    assert groups_of("example.com/app.roles", **{"example.com/app": {"roles": ["signer"]}}) == ["signer"]


def test_a_dot_goes_into_objects_only() -> None:
    assert groups_of("realm_access.roles", realm_access=["roles"]) == []
    assert groups_of("realm_access.roles", realm_access="roles") == []


def test_a_list_cannot_name_what_another_claim_says() -> None:
    claims = {"groups": ["environment:production", "release", "environment", "repository:acme/app"]}

    assert groups_of("groups", "environment", "repository", **claims) == ["release", "environment"]


def test_a_list_may_name_what_no_other_claim_is_configured_to_say() -> None:
    assert groups_of("groups", groups=["environment:production", "groups:x"]) == ["environment:production", "groups:x"]


def test_a_nested_list_cannot_name_what_another_claim_says_either() -> None:
    claims = {"realm_access": {"roles": ["environment:production"]}, "environment": "test"}

    assert groups_of("realm_access.roles", "environment", **claims) == ["environment:test"]


@pytest.mark.parametrize("value", ["a\nb", "a ", "a\u202eb", "jose\u0301", "x" * 250, "\ud800"])
def test_a_text_that_makes_no_clean_name_refuses_the_token(value: str) -> None:
    with pytest.raises(InvalidTokenError, match="claim environment"):
        groups_of("environment", environment=value)


def test_the_groups_of_all_claims_are_bounded_together() -> None:
    with pytest.raises(InvalidTokenError, match="more than 1000 groups"):
        groups_of("a", "b", a=[f"a{n}" for n in range(501)], b=[f"b{n}" for n in range(501)])


# --- which tokens are ours ---------------------------------------------------------------------------------------


def requiring(**required: tuple[str | bool | int, ...]) -> TrustedIssuer:
    return TrustedIssuer("ci", CORP.issuer, ("signet",), "sub", required_claims=required)


@pytest.mark.parametrize("owner", ["acme", "acme-labs", ["other", "acme"]])
def test_a_token_with_a_required_value_is_ours(owner: object) -> None:
    assert read_as(requiring(owner=("acme", "acme-labs")), owner=owner).user == "ci/alice"


@pytest.mark.parametrize("owner", [..., None, "", "Acme", "acme ", "acme/x", [], ["other"], {"acme": 1}, 1, True])
def test_the_token_of_another_tenant_is_as_good_as_another_issuers(owner: object) -> None:
    with pytest.raises(InvalidTokenError, match="issuer of the token is not trusted"):
        read_as(requiring(owner=("acme",)), owner=owner)


def test_all_that_is_required_is_required() -> None:
    issuer = requiring(owner=("acme",), verified=(True,))

    assert read_as(issuer, owner="acme", verified=True).user == "ci/alice"
    for verified in (1, "true", False, ...):
        with pytest.raises(InvalidTokenError, match="not trusted"):
            read_as(issuer, owner="acme", verified=verified)


def test_any_of_several_audiences_is_ours() -> None:
    issuer = TrustedIssuer("corp", CORP.issuer, ("signet", "signet-cli"), "sub")

    assert read_as(issuer, aud="signet-cli").user == read_as(issuer, aud=["x", "signet"]).user == "corp/alice"


def test_a_user_may_be_named_by_a_nested_claim() -> None:
    issuer = TrustedIssuer("corp", CORP.issuer, ("signet",), "who.name")

    assert read_as(issuer, who={"name": "bob"}).user == "corp/bob"
