"""The list of trusted issuers in the Parameter Store, where it is longer than the environment of a function.

    read              KEPT           asked again, and again every RETRY        MOST_AGE
    |-- served as it is --|-- served while the store does not answer -------------|  nobody is let in

A parameter holds 4 KB, an advanced one 8 KB, and the store answers 40 reads a second to a whole account (AWS General
Reference, Systems Manager endpoints and quotas): so each warm function asks once in five minutes. A list that cannot be
used lets nobody in, at once, as a wrong one in the environment does.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from signet.adapters.identity.issuer_list import read_issuer_list, unusable
from signet.domain.errors import TokensUnjudgedError
from signet.observability import count, logger

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from signet.domain.access.trusted_issuer import TrustedIssuer

KEPT = 5 * 60.0
"""Seconds for which a list is served without asking: so long a removed issuer may still be trusted."""
RETRY = 10.0
"""Seconds between two tries while the store does not answer, however many callers come."""
MOST_AGE = 60 * 60.0
"""Seconds after which a list is served no more, as an issuer's keys are not."""

GIVES_UP_SOONER = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2})
"""The authorizer has 10 s in all, three of them for an issuer's keys."""


class IssuerParameter:
    """The list that the parameter `name` holds; it must name the issuers with `aliases`, and no others.

    Ages are told by the wall clock, as those of issuers' keys are: a monotonic one may stand still while Lambda keeps
    the process frozen, and an issuer that was removed would be trusted for longer than is said above. A clock that was
    set back counts as much as one set forward.
    """

    def __init__(
        self,
        name: str,
        aliases: frozenset[str],
        new_client: Callable[[], Any],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._name = name
        self._aliases = aliases
        self._new_client = new_client
        self._clock = clock
        self._text = ""
        self._issuers: Mapping[str, TrustedIssuer] | None = None
        self._read_at = self._tried_at = -math.inf

    def read(self) -> Mapping[str, TrustedIssuer]:
        """The issuers by URL; the same object for as long as the parameter says the same.

        Raises:
            TokensUnjudgedError: the list cannot be had, or cannot be used; it was counted, and the log says why.
        """
        now = self._clock()
        if abs(now - self._read_at) >= KEPT and abs(now - self._tried_at) >= RETRY:
            self._tried_at = now
            self._read_anew(now)
        if self._issuers is None or abs(now - self._read_at) >= MOST_AGE:
            raise TokensUnjudgedError(
                "The list of trusted issuers of this deployment cannot be had or used, so no token can be judged; "
                "the log of the service says why."
            )
        return self._issuers

    def _read_anew(self, now: float) -> None:
        try:
            text: str = self._new_client().get_parameter(Name=self._name)["Parameter"]["Value"]
        except (BotoCoreError, ClientError) as error:
            logger.critical("the list of trusted issuers cannot be read", parameter=self._name, reason=str(error))
            count("TrustedIssuersRefused")
            return
        if text != self._text or self._issuers is None:
            self._issuers = None
            issuers = read_issuer_list(text)
            self._check_aliases(frozenset(issuer.alias for issuer in issuers.values()))
            self._issuers, self._text = issuers, text
        self._read_at = now

    def _check_aliases(self, found: frozenset[str]) -> None:
        """Roles and policies name users by the aliases of the environment: others would be trusted by half."""
        if found == self._aliases:
            return
        named, told = ", ".join(sorted(found)), ", ".join(sorted(self._aliases))
        raise unusable(f"the parameter {self._name} names {named or 'nobody'}, and TrustedIssuers {told or 'nobody'}")
