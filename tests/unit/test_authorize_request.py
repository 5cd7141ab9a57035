"""Which `Authorization` headers are looked at, and what reaches the verifier of them."""

from datetime import UTC, datetime, timedelta

import pytest

from signet.domain.errors import InvalidTokenError, IssuerUnreachableError
from signet.domain.token_claims import VerifiedToken
from signet.operations.authorize_request import authorize_request

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
