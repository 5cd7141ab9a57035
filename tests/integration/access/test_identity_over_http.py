"""Who is let in over HTTP: the deployed authorizer and functions, behind a gateway that keeps its answers."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from local.stack import Stack, start
from tests.architecture.source_tree import dialect_routes, file_routes
from tests.support.services.oidc_issuer import OidcIssuer, base64url, jwk, key, part, running_issuer, signed
from tests.support.services.over_http import Client, Response

pytestmark = pytest.mark.clock


@pytest.fixture(scope="module")
def printed() -> list[str]:
    """What the functions logged."""
    return []


@pytest.fixture(scope="module")
def corp() -> Iterator[OidcIssuer]:
    """An issuer of people, trusted in addition to the local one."""
    with running_issuer() as issuer:
        issuer.keys = [jwk(key("RSA"), kid="k1")]
        yield issuer


@pytest.fixture(scope="module")
def ci() -> Iterator[OidcIssuer]:
    """An issuer of pipelines: other claims, no groups, and a key id that the other uses too."""
    with running_issuer() as issuer:
        issuer.keys = [jwk(key("P-256"), kid="k1")]
        yield issuer


@pytest.fixture(scope="module")
def gone() -> str:
    """The URL of a trusted issuer that answers nobody."""
    with running_issuer() as issuer:
        return issuer.url


@pytest.fixture(scope="module")
def stack(corp: OidcIssuer, ci: OidcIssuer, gone: str, printed: list[str]) -> Iterator[Stack]:
    issuers: list[dict[str, Any]] = [
        {"alias": "corp", "issuer": corp.url, "audiences": ["signet"], "user_claim": "sub", "group_claims": ["groups"]},
        {
            "alias": "ci",
            "issuer": ci.url,
            "audiences": ["https://signet.example.com"],
            "user_claim": "repository",
            "group_claims": ["environment", "realm_access.roles"],
            "required_claims": {"owner": ["acme"]},
            "login": {"client_id": "ci-cli", "scopes": "openid", "hosts": ["login.example.net"]},
        },
        {"alias": "gone", "issuer": gone, "audiences": ["signet"], "user_claim": "sub"},
    ]
    with start(extra_issuers=issuers, workers=2, log=printed.append) as running:
        yield running


def call(stack: Stack, authorization: str | None = None, path: str = "/v1/me", method: str = "GET") -> Response:
    headers = {} if authorization is None else {"Authorization": authorization}
    return Client(stack.url, None).send(method, path, None, headers)


def mint(stack: Stack, **order: Any) -> str:
    """A token of the local issuer, as anybody on this machine gets one."""
    headers = {"Content-Type": "application/json"}
    token: str = (
        Client(stack.url, None).send("POST", "/local/tokens", json.dumps(order).encode(), headers).json["token"]
    )
    return token


def claims_of(issuer: OidcIssuer, **changes: Any) -> dict[str, Any]:
    now = int(time.time())
    return {"iss": issuer.url, "aud": "signet", "sub": "alice", "iat": now, "exp": now + 600} | changes


def assert_unauthenticated(response: Response, why: str = "") -> None:
    """401 as the contract has it, with a text that says why."""
    assert response.status == 401, response
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert why in response.json["detail"]
    assert response.json["code"] == "unauthenticated"
    assert response.json["type"] == "urn:signet:problem:unauthenticated"
    assert response.json["status"] == 401
    assert response.json["request_id"] == response.headers["apigw-requestid"]


def test_without_a_header_it_is_the_gateways_own_401(stack: Stack) -> None:
    response = call(stack)

    assert (response.status, response.json) == (401, {"message": "Unauthorized"})


def test_a_local_token_names_its_user_and_groups(stack: Stack) -> None:
    me = call(stack, f"Bearer {mint(stack, user='alice', groups=['administrators', 'QA é'])}")

    assert me.status == 200, me
    assert me.json["user"] == "local/alice"
    assert sorted(me.json["user_groups"]) == ["local/QA é", "local/administrators"]


def test_each_issuer_names_its_own_users(stack: Stack, corp: OidcIssuer, ci: OidcIssuer) -> None:
    person = signed(claims_of(corp, groups=["release"]), key("RSA"), "PS256", kid="k1")
    pipeline = signed(
        claims_of(
            ci,
            aud=["other", "https://signet.example.com"],
            repository="repo:acme/app:ref:refs/heads/main",
            owner="acme",
            environment="production",
            realm_access={"roles": ["signer", "environment:staging"]},
        ),
        key("P-256"),
        "ES256",
        kid="k1",
    )

    of_person, of_pipeline = call(stack, f"bearer {person}"), call(stack, f"Bearer {pipeline}")

    assert (of_person.json["user"], of_person.json["user_groups"]) == ("corp/alice", ["corp/release"])
    assert (of_pipeline.json["user"], of_pipeline.json["user_groups"]) == (
        "ci/repo:acme/app:ref:refs/heads/main",
        ["ci/environment:production", "ci/signer"],
    )


def test_a_token_of_one_issuer_never_yields_a_name_of_another(stack: Stack, corp: OidcIssuer, ci: OidcIssuer) -> None:
    as_local = {"iss": stack.issuer.url, "aud": "signet"}
    for private_key, algorithm, claims in (
        (key("RSA"), "RS256", claims_of(ci, aud="https://signet.example.com", repository="acme/app", owner="acme")),
        (key("P-256"), "ES256", claims_of(corp)),
        (key("RSA"), "RS256", claims_of(corp, **as_local, groups=["administrators"])),
        (key("P-256"), "ES256", claims_of(ci, **as_local, groups=["administrators"])),
    ):
        for key_id in ("k1", stack.issuer.key_id):
            assert_unauthenticated(call(stack, f"Bearer {signed(claims, private_key, algorithm, kid=key_id)}"))


def test_an_issuer_cannot_name_itself_into_another_alias(stack: Stack, corp: OidcIssuer) -> None:
    token = signed(claims_of(corp, sub="../local/alice", groups=["/local/administrators"]), key("RSA"), kid="k1")

    me = call(stack, f"Bearer {token}").json

    assert (me["user"], me["user_groups"]) == ("corp/../local/alice", ["corp//local/administrators"])
    assert me["role"] is None


@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer x",
        "Bearer",
        "x",
        "Basic YWxpY2U6c2VjcmV0",
        "Bearer a.b.c",
        "Bearer ..",
        "Bearer a b",
        "Bearer " + "a." * 900,
    ],
)
def test_what_is_no_token_is_a_problem(authorization: str, stack: Stack) -> None:
    assert_unauthenticated(call(stack, authorization))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"exp": 1}, "The token has expired."),
        ({"exp": None}, "exp is not a time"),
        ({"exp": "tomorrow"}, "exp is not a time"),
        ({"exp": 1e300}, "exp is not a time"),
        ({"nbf": 10**10}, "not yet valid"),
        ({"iat": 10**10}, "not yet valid"),
        ({"aud": "other"}, "audience of the token is not trusted"),
        ({"aud": None}, "audience"),
        ({"iss": "https://login.example.com"}, "issuer of the token is not trusted"),
        ({"sub": None}, "claim sub"),
        ({"sub": ""}, "claim sub"),
        ({"sub": "a\nb"}, "claim sub"),
        ({"groups": [1]}, "claim groups"),
        ({"groups": {"administrators": True}}, "claim groups"),
        ({"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {}}}, "groups was left out"),
        ({"hasgroups": True}, "groups was left out"),
    ],
    ids=str,
)
def test_a_genuine_token_that_says_the_wrong_thing_is_a_problem_that_says_which(
    changes: dict[str, Any], why: str, stack: Stack, corp: OidcIssuer
) -> None:
    assert_unauthenticated(call(stack, f"Bearer {signed(claims_of(corp, **changes), key('RSA'), kid='k1')}"), why)


def test_the_token_of_another_tenant_is_as_good_as_another_issuers(stack: Stack, ci: OidcIssuer) -> None:
    for owner in ("other", None, ["other"]):
        claims = claims_of(ci, aud="https://signet.example.com", repository="acme/app", owner=owner)
        token = signed(claims, key("P-256"), "ES256", kid="k1")
        assert_unauthenticated(call(stack, f"Bearer {token}"), "issuer of the token is not trusted")


def test_forged_tokens_are_a_problem(stack: Stack, corp: OidcIssuer) -> None:
    claims = part(claims_of(corp, groups=["signet-administrators"]))
    pem = key("RSA").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    confused = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': 'k1'})}.{claims}"
    mac = base64url(hmac.new(pem, confused.encode(), hashlib.sha256).digest())
    mine = key("RSA/attacker")

    for token in (
        f"{part({'alg': 'none'})}.{claims}.",
        f"{part({'alg': 'none', 'kid': 'k1'})}.{claims}.AAAA",
        f"{confused}.{mac}",
        signed(claims_of(corp), mine, kid="k1"),
        signed(claims_of(corp), mine, kid="k2"),
        signed(claims_of(corp), mine, kid="k1", jwk=jwk(mine, kid="k1")),
    ):
        assert_unauthenticated(call(stack, f"Bearer {token}"))


def test_a_token_that_came_expired_is_a_problem(stack: Stack) -> None:
    assert_unauthenticated(call(stack, f"Bearer {mint(stack, user='alice', expires_in=-1)}"))
    assert_unauthenticated(call(stack, f"Bearer {mint(stack, user='alice', expires_in=0)}"))


def test_a_token_that_outlives_its_kept_answer_is_a_problem(stack: Stack, printed: list[str]) -> None:
    # On a machine that is busy it takes a longer life to be answered at all.
    for seconds in (2, 8, 30):
        authorization = f"Bearer {mint(stack, user='alice', expires_in=seconds)}"
        ends = time.time() + seconds
        if call(stack, authorization).status == 200:
            break
    else:
        pytest.fail("no token lived long enough to be used")

    del printed[:]
    time.sleep(max(0, ends - time.time()) + 0.1)
    assert_unauthenticated(call(stack, authorization))
    # The authorizer was not asked again: it is the function that looks at the clock.
    assert "The token has expired" not in "".join(printed)
    stack.gateway.forget_authorizations()
    assert_unauthenticated(call(stack, authorization))
    assert "The token has expired" in "".join(printed)


def assert_unjudged(response: Response, why: str) -> None:
    """503 as the contract has it for a token that may be genuine."""
    assert response.status == 503, response
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["retry-after"] == "60"
    assert response.json["code"] == "tokens_unjudged"
    assert why in response.json["detail"]


def test_an_issuer_out_of_reach_is_no_fault_of_the_token_and_holds_nobody_else_up(
    stack: Stack, corp: OidcIssuer, gone: str, printed: list[str]
) -> None:
    del printed[:]
    token = signed(claims_of(corp, iss=gone), key("RSA"), kid="k1")

    assert_unjudged(call(stack, f"Bearer {token}"), "trusted issuer gone")
    assert_unjudged(call(stack, f"Bearer {token}", "/v1/certificates", "POST"), "trusted issuer gone")
    said = "".join(printed)
    assert "IssuerKeysUnavailable" in said
    assert "TokensUnjudged" in said
    assert '"issuer":"gone","reason":"no answer (ConnectionRefusedError)"' in said
    assert call(stack, f"Bearer {mint(stack, user='bob')}").status == 200


@pytest.mark.soak
def test_a_key_that_the_issuer_took_into_use_is_accepted_in_time(stack: Stack, corp: OidcIssuer) -> None:
    corp.keys = [*corp.keys, jwk(key("Ed25519"), kid="k2")]
    deadline = time.monotonic() + 300
    token = signed(claims_of(corp), key("Ed25519"), "EdDSA", kid="k2")

    # What was answered before the new key was seen is kept for a while, as in AWS.
    while call(stack, f"Bearer {token}").status != 200:
        assert time.monotonic() < deadline
        time.sleep(1)
        stack.gateway.forget_authorizations()


def test_made_up_key_ids_cause_no_traffic(stack: Stack, corp: OidcIssuer) -> None:
    claims = part(claims_of(corp))
    before = corp.fetched
    started = time.monotonic()

    with ThreadPoolExecutor(8) as pool:
        for response in pool.map(
            lambda number: call(stack, f"Bearer {part({'alg': 'RS256', 'kid': f'x{number}'})}.{claims}.AAAA"),
            range(300),
        ):
            assert_unauthenticated(response)

    # One attempt in ten seconds, for each of the two processes that play the authorizer.
    assert corp.fetched - before <= 2 * (1 + (time.monotonic() - started) / 10)


def test_every_route_asks_who_calls_except_those_for_everybody(stack: Stack) -> None:
    for route in stack.gateway.routes:
        path = route.path.replace("{", "").replace("}", "")
        if route.authorizer is None:
            everybodys = {"/v1/health", "/v1/openapi.json", "/v1/auth-config"}
            assert route.path in everybodys or route.key in file_routes(), route.key
            continue
        without = call(stack, None, path, route.method)
        if route.key in dialect_routes() and route.path != "/":
            # Its token may be in either of two headers, so the gateway asks for none.
            forged = call(stack, "Bearer forged", path, route.method)
            assert without.status == forged.status == 403, route.key
            assert without.json["errors"], route.key
            assert forged.json["errors"], route.key
            continue
        assert (without.status, without.json) == (401, {"message": "Unauthorized"}), route.key
        if route.path == "/v1/calendar":
            continue  # It asks for the secret of a link; what a wrong one gets is shown with the links.
        if route.path == "/":
            continue  # It asks for the token of an AWS session; what a wrong one gets is shown with the dialects.
        assert_unauthenticated(call(stack, "Bearer forged", path, route.method))


def test_no_log_repeats_a_token(stack: Stack, corp: OidcIssuer, printed: list[str]) -> None:
    del printed[:]
    good = signed(claims_of(corp), key("RSA"), kid="k1")
    bad = signed(claims_of(corp), key("RSA/attacker"), kid="k1")
    for token in (good, bad):
        call(stack, f"Bearer {token}")

    said = "".join(printed)
    assert "not authenticated" in said
    for token in (good, bad):
        assert not any(piece in said for piece in token.split("."))


def test_health_names_the_issuer_whose_keys_are_out_of_reach(stack: Stack) -> None:
    health = call(stack, None, "/v1/health")

    assert_unjudged(health, "out of reach: gone.")


def test_anybody_may_ask_where_people_log_in(stack: Stack, ci: OidcIssuer) -> None:
    answer = call(stack, None, "/v1/auth-config")

    assert answer.status == 200
    expected = {
        "alias": "ci",
        "issuer": ci.url,
        "client_id": "ci-cli",
        "console_client_id": "ci-cli",  # the issuer has none for browsers
        "scopes": "openid",
        "token": "access_token",
    }
    assert [each for each in answer.json["issuers"] if each["alias"] != "local"] == [expected]
