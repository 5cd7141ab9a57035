"""Bearer tokens: JWTs (RFC 7519) in JWS compact form, signed by one of the trusted issuers.

RFC 8725 is the list of what goes wrong. Of what a token says of itself before its signature is checked, two things are
used: `iss`, to pick the issuer by exact match, and `alg` with `kid`, to pick among that issuer's keys. A key or an
address that a token brings along (`jwk`, `jku`, `x5c`, `x5u`) is never looked at.
"""

import base64
import re
import threading
from collections.abc import Mapping
from contextvars import copy_context
from datetime import datetime
from typing import Any

from jwt.api_jws import PyJWS
from jwt.exceptions import PyJWTError

from signet.adapters.identity.issuer_keys import KEY_KINDS, Fetch, IssuerKeys
from signet.adapters.identity.json_object import json_object
from signet.domain.access.token_claims import UNTRUSTED_ISSUER, VerifiedToken, read_claims
from signet.domain.access.trusted_issuer import TrustedIssuer
from signet.domain.errors import InvalidTokenError, TokensUnjudgedError

MAX_TOKEN_CHARACTERS = 10_240
"""What an HTTP API takes for the request line and all headers; said here too, for who calls us otherwise."""

_TOKEN = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
_TYPES = {"jwt", "at+jwt", "application/jwt", "application/at+jwt"}
"""`typ` of tokens that may say who calls (RFC 7519, 5.1; RFC 9068, 2.1): a logout token, say, is signed too."""


class JwksTokenVerifier:
    """Believes the tokens of `issuers`, each by its own keys and no others; safe to share between threads."""

    def __init__(self, issuers: Mapping[str, TrustedIssuer], fetch: Fetch | None = None) -> None:
        self._issuers = issuers
        self._keys = {url: IssuerKeys(issuer, fetch) for url, issuer in issuers.items()}
        self._jws = PyJWS(algorithms=list(KEY_KINDS))

    def verify(self, token: str, at: datetime) -> VerifiedToken:
        """Who `token` speaks for at the moment `at`.

        Raises:
            InvalidTokenError: it is not to be believed; the message says why.
            IssuerUnreachableError: it may be genuine, but its issuer's keys cannot be had.
        """
        header, claims = _parse(token)
        algorithm, key_id = _check_header(header)
        # Before any key is fetched: whom we do not trust causes no traffic.
        url = claims.get("iss")
        issuer = self._issuers.get(url) if isinstance(url, str) else None
        if issuer is None:
            raise InvalidTokenError(UNTRUSTED_ISSUER)
        self._check_signature(token, issuer, algorithm, key_id)
        return read_claims(claims, issuer, at)

    def look(self) -> None:
        """See whether tokens can be judged, at most once a minute whoever asks, all issuers at once.

        Raises:
            TokensUnjudgedError: the keys of one issuer or several cannot be had; it names them.
        """
        failed: list[str] = []

        def look_at(keys: IssuerKeys) -> None:
            if keys.look() is not None:
                failed.append(keys.alias)

        # Each gives up in time, so that all of them do.
        threads = [threading.Thread(target=copy_context().run, args=[look_at, keys]) for keys in self._keys.values()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failed:
            raise TokensUnjudgedError(f"The keys of trusted issuers are out of reach: {', '.join(sorted(failed))}.")

    def _check_signature(self, token: str, issuer: TrustedIssuer, algorithm: str, key_id: str | None) -> None:
        keys = [key for key in self._keys[issuer.issuer].find(key_id) if key.fits(algorithm)]
        if not keys:
            raise InvalidTokenError("This is not a token: its issuer has no such key.")
        # OpenID Connect Core 1.0, 10.1: without a `kid` there must be no choice.
        if key_id is None and len(keys) > 1:
            raise InvalidTokenError("The token does not say which of its issuer's keys it is signed with.")
        for key in keys:
            try:
                self._jws.decode_complete(token, key.public_key, algorithms=[algorithm])
            except PyJWTError:
                continue
            return
        raise InvalidTokenError("This is not a token: the signature is not its issuer's.")


def _parse(token: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Header and claims, not to be believed yet; five parts would be encryption (RFC 7516)."""
    if len(token) > MAX_TOKEN_CHARACTERS:
        raise InvalidTokenError(f"This is not a token: it is longer than {MAX_TOKEN_CHARACTERS} characters.")
    parts = _TOKEN.fullmatch(token)
    if parts is None:
        raise InvalidTokenError("This is not a token: it is not three parts of base64url.")
    return _part(parts[1]), _part(parts[2])


def _part(part: str) -> Mapping[str, Any]:
    try:
        return json_object(base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True))
    # Without the cause, whose message may quote the token.
    except ValueError:
        raise InvalidTokenError("This is not a token: a part of it is not JSON.") from None
    except TypeError:
        raise InvalidTokenError("This is not a token: a part of it is not a JSON object.") from None


def _check_header(header: Mapping[str, Any]) -> tuple[str, str | None]:
    """The algorithm, one of ours, and the id of the key."""
    algorithm, key_id, kind = header.get("alg"), header.get("kid"), header.get("typ", "JWT")
    if not isinstance(algorithm, str) or algorithm not in KEY_KINDS:
        raise InvalidTokenError("This is not a token: its algorithm is not accepted.")
    if "kid" in header and not isinstance(key_id, str):
        raise InvalidTokenError("This is not a token: its key id is not text.")
    # RFC 7515, 4.1.11: what must be understood and is not, refuses. We understand none.
    if "crit" in header or "b64" in header:
        raise InvalidTokenError("This is not a token: it asks for an extension.")
    if not isinstance(kind, str) or kind.lower() not in _TYPES or "cty" in header:
        raise InvalidTokenError("This is not a token that says who calls.")
    return algorithm, key_id
