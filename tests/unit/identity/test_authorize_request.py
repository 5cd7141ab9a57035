"""Which `Authorization` headers are looked at, what reaches the verifier of them, and what the function answers."""

import io
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.access.authorize_request import app
from signet.domain.access.token_claims import VerifiedToken
from signet.domain.errors import InvalidTokenError, IssuerUnreachableError
from signet.observability import logger
from signet.operations.access.authorize_request import authorize_request
from signet.settings import settings
from signet.wiring import wiring
from tests.support.services.oidc_issuer import OidcIssuer, jwk, key, running_issuer, signed

pytestmark = pytest.mark.clock

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ALICE = VerifiedToken("corp/alice", ("corp/release",), NOW + timedelta(minutes=10))


class StoppedClock:
    """Always noon."""

    def now(self) -> datetime:
        return NOW


class KnownTokens:
    """Believes the tokens it was told of, at any time."""

    def __init__(self, **tokens: VerifiedToken | Exception) -> None:
        self.tokens = tokens
        self.asked: list[tuple[str, datetime]] = []

    def verify(self, token: str, at: datetime) -> VerifiedToken:
        self.asked.append((token, at))
        known = self.tokens.get(token, InvalidTokenError("unknown"))
        if isinstance(known, Exception):
            raise known
        return known


def who(authorization: str | None, tokens: KnownTokens) -> VerifiedToken:
    return authorize_request(authorization, tokens=tokens, clock=StoppedClock())


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR", "Bearer  "])
def test_the_scheme_is_without_regard_to_case(scheme: str) -> None:
    tokens = KnownTokens(genuine=ALICE)

    assert who(f"{scheme} genuine", tokens) == ALICE
    assert tokens.asked == [("genuine", NOW)]


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "genuine",
        "Bearer",
        "Bearer ",
        "Bearergenuine",
        "Bearer\tgenuine",
        " Bearer genuine",
        "Bearer genuine ",
        "Bearer genuine\n",
        "Bearer genuine genuine",
        "Bearer genuine,genuine",
        "Bearer genuine, Bearer genuine",
        "Bearer Bearer genuine",
        "Basic genuine",
        "Digest username=alice",
        "DPoP genuine",
        'Bearer "genuine"',
        "Bearer genuine\0",
        "Bearer génuine",
        "\u212aearer genuine",
        "Bearer " + "\ud800",
    ],
)
def test_anything_but_one_bearer_token_is_nobody(authorization: str | None) -> None:
    tokens = KnownTokens(genuine=ALICE)

    with pytest.raises(InvalidTokenError, match="Authorization header"):
        who(authorization, tokens)
    assert tokens.asked == []


def test_what_the_verifier_says_stands() -> None:
    with pytest.raises(InvalidTokenError, match="unknown"):
        who("Bearer forged", KnownTokens(genuine=ALICE))
    with pytest.raises(IssuerUnreachableError):
        who("Bearer genuine", KnownTokens(genuine=IssuerUnreachableError("no keys")))


# --- the function ----------------------------------------------------------------------------------------------------

ENVIRONMENT = {
    "CERTIFICATE_TABLE": "certificates",
    "PRIVATE_KEY_TABLE": "private-keys",
    "EVENT_TABLE": "events",
    "ACCESS_TABLE": "access",
    "IDEMPOTENCY_TABLE": "idempotency",
    "WRAPPING_KEY_ID": "wrapping",
    "EVENT_BUS": "bus",
    "ADMINISTRATOR_GROUP": "corp/administrators",
    "EXPIRY_STAGES_DAYS": "90,30,7,1",
    "FUTURE_EXPIRY_CHECKS": "refused",
    "KEY_CACHE_SECONDS": "300",
    "EXPIRY_TOPIC": "expiry",
    "ANNOUNCEMENT_DLQ": "unsent",
    "REQUESTED_ACTION_DLQ": "refused",
}


def refused(answer: dict[str, Any]) -> str:
    """Why a caller is nobody."""
    assert answer["isAuthorized"] is True
    assert set(answer["context"]) == {"refused"}
    return str(answer["context"]["refused"])


def unjudged(answer: dict[str, Any]) -> str:
    """Why the service cannot say who a caller is."""
    assert answer["isAuthorized"] is True
    assert set(answer["context"]) == {"unjudged"}
    return str(answer["context"]["unjudged"])


@pytest.fixture
def corp(monkeypatch: pytest.MonkeyPatch) -> Iterator[OidcIssuer]:
    """An issuer that the deployment trusts."""
    with running_issuer() as issuer:
        issuer.keys = [jwk(key("P-256"), kid="k1")]
        entry = {
            "alias": "corp",
            "issuer": issuer.url,
            "audiences": ["signet"],
            "user_claim": "sub",
            "group_claims": ["groups"],
        }
        deploy(monkeypatch, TRUSTED_ISSUERS=json.dumps([entry]))
        yield issuer
    forget()


def deploy(monkeypatch: pytest.MonkeyPatch, **environment: str) -> None:
    for name, value in (ENVIRONMENT | environment).items():
        monkeypatch.setenv(name, value)
    forget()


def forget() -> None:
    settings.cache_clear()
    wiring.cache_clear()


def token(issuer: OidcIssuer, **changes: Any) -> str:
    claims = {"iss": issuer.url, "aud": "signet", "sub": "alice", "exp": int(time.time()) + 600} | changes
    return signed(claims, key("P-256"), "ES256", kid="k1")


def ask(*identity: Any) -> dict[str, Any]:
    """What API Gateway asks an authorizer (payload 2.0), and is answered."""
    return app.lambda_handler(
        {"version": "2.0", "identitySource": list(identity), "requestContext": {"requestId": "r1"}}, None
    )


def test_a_caller_gets_a_name_groups_and_a_time_limit_as_text(corp: OidcIssuer) -> None:
    expiry = int(time.time()) + 60

    answer = ask(f"Bearer {token(corp, groups=['release', 'QA é'], exp=expiry)}")

    assert answer["isAuthorized"] is True
    assert answer["context"]["user"] == "corp/alice"
    assert json.loads(answer["context"]["user_groups"]) == ["corp/release", "corp/QA é"]
    assert answer["context"]["expires_at"] == str(expiry)
    assert all(isinstance(value, str) for value in answer["context"].values())


def test_a_caller_without_groups_gets_an_empty_list(corp: OidcIssuer) -> None:
    assert ask(f"Bearer {token(corp)}")["context"]["user_groups"] == "[]"


def test_an_expired_token_is_nobody(corp: OidcIssuer) -> None:
    assert refused(ask(f"Bearer {token(corp, exp=int(time.time()))}")) == "The token has expired."


@pytest.mark.parametrize(
    "identity", [[], [None], [""], [1], [["Bearer x"]], ["Bearer a", "Bearer b"], ["Bearer a.b.c"]]
)
def test_a_strange_identity_source_is_nobody(identity: list[Any], corp: OidcIssuer) -> None:
    assert refused(ask(*identity)).startswith("This is not a token: ")


@pytest.mark.parametrize("event", [{}, {"identitySource": None}, {"identitySource": "Bearer x"}])
def test_a_strange_event_is_nobody(event: Any, corp: OidcIssuer) -> None:
    assert refused(app.lambda_handler(event, None)).startswith("This is not a token: ")


@pytest.mark.parametrize("event", [None, [], ""])
def test_what_is_broken_here_is_no_fault_of_the_token(
    event: Any, corp: OidcIssuer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert unjudged(app.lambda_handler(event, None)) == "Something is broken where tokens are judged."
    assert "TokensUnjudged" in capsys.readouterr().out


def test_the_header_that_the_answer_is_kept_by_counts_and_no_other(corp: OidcIssuer) -> None:
    event = {
        "identitySource": ["Bearer forged.forged.forged"],
        "headers": {"authorization": f"Bearer {token(corp)}"},
    }

    assert refused(app.lambda_handler(event, None)).startswith("This is not a token: ")


def test_a_token_is_not_judged_while_the_keys_of_its_issuer_are_out_of_reach(
    corp: OidcIssuer, capsys: pytest.CaptureFixture[str]
) -> None:
    corp.answers["/keys"] = lambda: (503, {}, b"")

    assert unjudged(ask(f"Bearer {token(corp)}")) == "The keys of the trusted issuer corp are out of reach."
    printed = capsys.readouterr().out
    assert "IssuerKeysUnavailable" in printed
    assert "TokensUnjudged" in printed


@pytest.mark.parametrize("issuers", ["", "[", "{}", '[{"alias": "corp"}]', '[{"alias": "automation"}]'])
def test_a_wrong_list_of_issuers_judges_no_token_and_is_told(
    issuers: str, corp: OidcIssuer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy(monkeypatch, TRUSTED_ISSUERS=issuers)

    assert "list of trusted issuers" in unjudged(ask(f"Bearer {token(corp)}"))
    printed = capsys.readouterr().out
    assert "TrustedIssuersRefused" in printed
    assert "TokensUnjudged" in printed


def test_the_log_names_the_entry_that_is_wrong_and_says_why(corp: OidcIssuer, monkeypatch: pytest.MonkeyPatch) -> None:
    log = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", log)
    good = {"alias": "corp", "issuer": corp.url, "audiences": ["signet"], "user_claim": "sub"}
    deploy(monkeypatch, TRUSTED_ISSUERS=json.dumps([good, {**good, "alias": "ci", "audience": "signet"}]))

    ask(f"Bearer {token(corp)}")

    assert "entry 2 (ci): audience is now audiences, a list" in log.getvalue()


def test_no_log_repeats_a_token_or_what_it_says(corp: OidcIssuer, monkeypatch: pytest.MonkeyPatch) -> None:
    log = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", log)
    secret = "S3cretClaim"
    tokens = [
        token(corp, sub=secret),
        token(corp, sub=secret, exp=1),
        token(corp, sub=[secret]),
        token(corp, aud=secret),
        token(corp, iss=secret),
        signed(secret.encode(), key("P-256"), "ES256", kid=secret),
        signed({"iss": corp.url}, key("P-256"), "ES256", kid=secret),
        secret,
    ]

    for each in tokens:
        ask(f"Bearer {each}")
        ask(each)

    said = log.getvalue()
    assert "not authenticated" in said
    assert secret not in said
    for each in tokens:
        assert not any(part in said for part in each.split(".") if len(part) > 8)
