"""What one program has said to the agent so far: its sessions, and which objects each of them sees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from signet_cli.pkcs11 import cryptoki as ck
from signet_cli.pkcs11.cryptoki import CryptokiError
from signet_cli.pkcs11.mechanisms import Operation
from signet_cli.pkcs11.slots import Slots
from signet_cli.pkcs11.tokens import Object, Token

MAX_SESSIONS: Final = 4096


@dataclass
class Session:
    """What one session of the program is about."""

    slot: int
    writable: bool
    found: list[int] | None = None
    """Handles that a search found and that were not yet told; None while no search is under way."""
    operation: Operation | None = None
    key: Token | None = None
    """What `operation` signs with: the certificate that was looked at, also if it is renewed meanwhile."""


@dataclass
class Conversation:
    """The open sessions of one program by handle, and the slots that they are open to."""

    slots: Slots
    sessions: dict[int, Session] = field(default_factory=dict)
    _next_session: int = 1

    def start_over(self) -> None:
        """Forget all sessions and PINs."""
        self.sessions.clear()
        self.slots.tell_what_was_not_seen()
        self.slots.forget_pins()

    def open(self, session: Session) -> int:
        """The handle under which `session` is open from now on."""
        if len(self.sessions) >= MAX_SESSIONS:
            raise CryptokiError(0xB1)  # CKR_SESSION_COUNT
        handle = self._next_session
        self._next_session += 1
        self.sessions[handle] = session
        return handle

    def session(self, handle: int) -> Session:
        """The open session `handle`, or CKR_SESSION_HANDLE_INVALID."""
        session = self.sessions.get(handle)
        if session is None:
            raise CryptokiError(ck.CKR_SESSION_HANDLE_INVALID)
        return session

    def forget_pin_without_sessions(self, slot: int) -> None:
        """Forget the PIN of the token in `slot` if no session of it is open."""
        if not any(each.slot == slot for each in self.sessions.values()) and self.slots.holds_token(slot):
            self.slots.log_out(self.slots.token(slot))

    def visible(self, session: Session) -> Mapping[int, Object]:
        """The objects of the session's token by handle; what is private shows only after a login."""
        token = self.slots.with_chain(session.slot)
        inside = self.slots.is_logged_in(token)
        return {place: each for place, each in enumerate(token.objects, 1) if inside or not each.is_private}
