"""Where people log in, as programs are told."""

from collections.abc import Iterable
from typing import Literal, Self

import msgspec

from signet.domain.access.trusted_issuer import TrustedIssuer


class LoginIssuerBody(msgspec.Struct, frozen=True):
    """An issuer that people log in with; the rest is in its discovery document (OpenID Connect Discovery 1.0)."""

    alias: str
    """What its users and user groups are named by: `corp` in `corp/alice`."""
    issuer: str
    """The URL below which its discovery document lies."""
    client_id: str
    """The public client of programs on people's machines."""
    console_client_id: str
    """The public client of a page in a browser; the same where the issuer needs no other."""
    scopes: str
    """What to ask for, separated by spaces."""
    token: Literal["access_token", "id_token"]
    """Which token of the issuer's answer to send as the bearer token."""


class AuthConfigBody(msgspec.Struct, frozen=True):
    """The trusted issuers that people log in with."""

    issuers: list[LoginIssuerBody]

    @classmethod
    def of(cls, issuers: Iterable[TrustedIssuer]) -> Self:
        """As programs are told; those without a login are none of theirs."""
        return cls(
            [
                LoginIssuerBody(
                    each.alias,
                    each.issuer,
                    each.login.client_id,
                    each.login.console_client_id or each.login.client_id,
                    each.login.scopes,
                    each.login.token,
                )
                for each in issuers
                if each.login is not None
            ]
        )
