"""A body whose fields the domain reads."""

from typing import Any

import msgspec


class SentBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A body whose fields the domain reads."""

    def plain(self) -> dict[str, Any]:
        """The fields that were sent, as JSON has them."""
        sent: dict[str, Any] = msgspec.to_builtins(self)
        return sent
