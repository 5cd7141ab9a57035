"""GetHealth: whether callers can be served, as far as that can be seen without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # The ports know every noun there is; health needs none of them.
    from signet.ports.identity import IssuerWatch


def get_health(*, issuers: IssuerWatch) -> None:
    """Say nothing where tokens can be judged.

    Raises:
        TokensUnjudgedError: they cannot, so that genuine callers are answered 503.
    """
    issuers.look()
