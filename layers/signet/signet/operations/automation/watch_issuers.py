"""WatchIssuers: whether callers could be judged, asked by time and not by a caller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signet.domain.errors import TokensUnjudgedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from signet.ports.identity import IssuerWatch


def watch_issuers(*, find: Callable[[], IssuerWatch]) -> bool:
    """Whether tokens can be judged; `find` fails as well where the list of issuers cannot be used."""
    try:
        find().look()
    except TokensUnjudgedError:
        return False
    return True
