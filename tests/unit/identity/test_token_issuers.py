"""A token names users of its own issuer alone, and issuers are asked no more than they must be."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from signet.adapters.identity.token_verifier import JwksTokenVerifier
from signet.domain.access.trusted_issuer import TrustedIssuer
from signet.domain.errors import IssuerUnreachableError
from tests.support.services.oidc_issuer import OidcIssuer, jwk, key, part, running_issuer, signed
from tests.unit.identity.tokens import NOW, claims, refuse, trusting

pytestmark = pytest.mark.clock


def test_a_token_of_one_issuer_never_yields_a_name_of_another(corp: OidcIssuer) -> None:
    with running_issuer() as ci:
        ci.keys = [jwk(key("RSA/ci"), kid="k1")]
        verifier = trusting(corp, ci)

        assert verifier.verify(signed(claims(corp), key("RSA"), kid="k1"), NOW).user == "corp/alice"
        assert verifier.verify(signed(claims(ci), key("RSA/ci"), kid="k1"), NOW).user == "corp1/alice"
        refuse(verifier, signed(claims(corp), key("RSA/ci"), kid="k1"), "signature")
        refuse(verifier, signed(claims(ci), key("RSA"), kid="k1"), "signature")


def test_a_name_with_a_slash_stays_behind_its_issuers_alias(corp: OidcIssuer, verifier: JwksTokenVerifier) -> None:
    token = signed(claims(corp, sub="local/administrator", groups=["github/x"]), key("RSA"), kid="k1")

    verified = verifier.verify(token, NOW)

    assert (verified.user, verified.user_groups) == ("corp/local/administrator", ("corp/github/x",))


def test_an_issuer_that_is_not_trusted_causes_no_request(corp: OidcIssuer) -> None:
    with running_issuer() as evil:
        evil.keys = [jwk(key("RSA/attacker"), kid="k1")]
        verifier = trusting(corp)
        for iss in (
            evil.url,
            f"{corp.url}/",
            corp.url.upper(),
            None,
            1,
            [corp.url],
            {"x": corp.url},
            f"{corp.url}\ud800",
        ):
            refuse(
                verifier,
                signed(claims(corp, iss=iss), key("RSA/attacker"), kid="k1"),
                "issuer of the token is not trusted",
            )
        assert not evil.requests
        assert not corp.requests


def test_without_any_trusted_issuer_nobody_is_believed(corp: OidcIssuer) -> None:
    refuse(JwksTokenVerifier({}), signed(claims(corp), key("RSA"), kid="k1"), "issuer of the token is not trusted")


def test_a_warm_process_fetches_once(corp: OidcIssuer, verifier: JwksTokenVerifier) -> None:
    for number in range(50):
        verifier.verify(signed(claims(corp, sub=f"user {number}"), key("RSA"), kid="k1"), NOW)

    assert corp.requests == {"/.well-known/openid-configuration": 1, "/keys": 1}


def test_a_thousand_made_up_key_ids_fetch_once(corp: OidcIssuer, verifier: JwksTokenVerifier) -> None:
    for number in range(1000):
        token = f"{part({'alg': 'RS256', 'kid': f'made up {number}'})}.{part(claims(corp))}.AAAA"
        refuse(verifier, token, "no such key")

    assert corp.fetched == 1
    assert verifier.verify(signed(claims(corp), key("RSA"), kid="k1"), NOW).user == "corp/alice"


def test_many_at_once_fetch_once_and_all_are_answered(corp: OidcIssuer, verifier: JwksTokenVerifier) -> None:
    token = signed(claims(corp), key("RSA"), kid="k1")

    with ThreadPoolExecutor(32) as pool:
        users = [verified.user for verified in pool.map(lambda _: verifier.verify(token, NOW), range(200))]

    assert users == ["corp/alice"] * 200
    assert corp.fetched == 1


def test_an_issuer_that_does_not_answer_refuses_its_own_tokens_only(corp: OidcIssuer) -> None:
    with running_issuer() as ci:
        ci.answers["/.well-known/openid-configuration"] = lambda: (500, {}, b"")
        verifier = trusting(corp, ci)

        for _ in range(20):
            with pytest.raises(IssuerUnreachableError, match="corp1"):
                verifier.verify(signed(claims(ci), key("RSA"), kid="k1"), NOW)
            assert verifier.verify(signed(claims(corp), key("RSA"), kid="k1"), NOW).user == "corp/alice"
        assert ci.requests.total() == 2


def test_keys_may_be_named_without_discovery(corp: OidcIssuer) -> None:
    issuer = TrustedIssuer("corp", corp.url, ("signet",), "sub", jwks_uri=f"{corp.url}/keys")
    verifier = JwksTokenVerifier({corp.url: issuer})

    assert verifier.verify(signed(claims(corp), key("RSA"), kid="k1"), NOW).user == "corp/alice"
    assert corp.requests == {"/keys": 1}
