"""Cursors: positions in lists, authenticated for one caller and one query."""

import base64
import hashlib
import hmac
from collections.abc import Callable

from signet.domain.access.principal import Principal
from signet.domain.errors import BadCursorError

_MAC_BYTES = 16
MAX_CURSOR_CHARACTERS = 4096


class AuthenticatedCursors:
    """Cursors authenticated by HMAC-SHA-256.

    The position is no secret: whoever was given it has seen the item that it stands for. The MAC makes it useless to
    another caller, and for another query.
    """

    def __init__(self, secret: Callable[[], bytes]) -> None:
        self._secret = secret

    def make(self, position: str | None, *, query: object, by: Principal) -> str | None:
        """The cursor for `position`; none where nothing follows."""
        if position is None:
            return None
        content = position.encode()
        return base64.urlsafe_b64encode(self._mac(content, query, by) + content).decode().rstrip("=")

    def open(self, cursor: str | None, *, query: object, by: Principal) -> str | None:
        """The position in `cursor`, none where a list begins.

        Raises:
            BadCursorError: it was not made for this query and this caller.
        """
        if cursor is None:
            return None
        refusal = BadCursorError("The cursor was not given to you for this query.")
        if len(cursor) > MAX_CURSOR_CHARACTERS or not cursor.isascii():
            raise refusal
        try:
            decoded = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except ValueError:
            raise refusal from None
        mac, content = decoded[:_MAC_BYTES], decoded[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(content, query, by)):
            raise refusal
        # A cursor has exactly one text. The decoder passes over surplus bits and characters, so others decode alike.
        if self.make(position := content.decode(), query=query, by=by) != cursor:
            raise refusal
        return position

    def _mac(self, content: bytes, query: object, by: Principal) -> bytes:
        # A query is a frozen dataclass, so its repr tells it whole; no part holds a line break but the content, last.
        told = b"\n".join([by.user.encode(), repr(query).encode(), content])
        return hmac.new(self._secret(), told, hashlib.sha256).digest()[:_MAC_BYTES]
