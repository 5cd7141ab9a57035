"""The token to call with: given by the pipeline, or kept by a login and renewed before it ends."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass
from typing import Any

from signet_cli.errors import NotLoggedInError
from signet_cli.login import token_store
from signet_cli.login.pipeline import pipeline_token
from signet_cli.login.token_store import Tokens
from signet_cli.settings import Profile

RENEW_SECONDS_BEFORE_END = 60


@dataclass
class Session:
    """The login of one profile."""

    profile: Profile
    _from_pipeline: str | None = None

    def token(self, *, renew: bool = False) -> str:
        """A token that is still good; with `renew` the one that was given last was refused.

        Raises:
            NotLoggedInError: there is none to be had.
        """
        if self._from_pipeline is None or renew:
            self._from_pipeline = pipeline_token()
        if self._from_pipeline is not None:
            return self._from_pipeline
        tokens = token_store.load(self.profile.name)
        if tokens is None:
            raise NotLoggedInError
        if not renew and tokens.expires_at - time.time() > RENEW_SECONDS_BEFORE_END:
            return tokens.token
        if tokens.refresh_token is None or tokens.issuer is None or tokens.client_id is None:
            if not renew and tokens.expires_at > time.time():
                return tokens.token
            raise NotLoggedInError("The login has expired.")
        return self._renewed(tokens).token

    def _renewed(self, known: Tokens) -> Tokens:
        """New tokens for `known`; those that another program has renewed meanwhile serve as well."""
        from signet_cli.login.provider import LoginIssuer, Provider  # HTTP, which is seldom needed

        # One at a time: a provider that gives a refresh token out for one use takes a second use for theft.
        with token_store.alone(self.profile.name):
            tokens = token_store.load(self.profile.name) or known
            if tokens != known and tokens.expires_at - time.time() > RENEW_SECONDS_BEFORE_END:
                return tokens
            if tokens.refresh_token is None or tokens.issuer is None or tokens.client_id is None:
                raise NotLoggedInError("The login has expired.")
            login = LoginIssuer("", tokens.issuer, tokens.client_id, "", tokens.kind)
            renewed = Provider(login).refresh(tokens.refresh_token)
            token_store.save(self.profile.name, renewed)
        return renewed


def claims_of(token: str) -> dict[str, Any]:
    """What `token` says of itself, unverified: to tell the person, never to decide by. Empty if it is no JWT."""
    try:
        payload = token.split(".")[1]
        read = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}
