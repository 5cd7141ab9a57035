"""What the provider has promised and not yet kept: authorization codes, device codes, refresh tokens."""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from local.oidc.requests import AuthorizationRequest

CODE_SECONDS = 60
DEVICE_SECONDS = 600
DEVICE_INTERVAL_SECONDS = 1  # RFC 8628 suggests 5; nobody shares this machine
REFRESH_SECONDS = 12 * 60 * 60
MAX_GRANTS = 10_000

Pending = TypeVar("Pending")

# Without vowels there are no words, without 0, 1, 5 and 8 no letters that look like digits (RFC 8628, 6.1).
_USER_CODE_ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"


class GrantError(Exception):
    """A grant is refused, with an error code of RFC 6749, 5.2 or RFC 8628, 3.5."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description


@dataclass(frozen=True)
class Person:
    """Somebody who has logged in."""

    user: str
    groups: tuple[str, ...]


@dataclass(frozen=True)
class Grant:
    """A person lets a client have tokens."""

    client_id: str
    scope: str
    person: Person
    nonce: str | None = None
    auth_time: int = 0


@dataclass(frozen=True)
class DeviceGrant:
    """A client waits for a person to enter a user code on some other screen."""

    client_id: str
    scope: str
    user_code: str
    expires_at: float
    person: Person | None = None
    refused: bool = False
    asked_at: float = 0.0


@dataclass
class Grants:
    """All that is pending, in memory, each for a while and once."""

    now: Callable[[], float] = time.time
    _codes: dict[str, tuple[float, AuthorizationRequest, Person]] = field(default_factory=dict)
    _devices: dict[str, DeviceGrant] = field(default_factory=dict)
    _refresh: dict[str, tuple[float, Grant]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    # --- authorization code (RFC 6749, 4.1, with RFC 7636) ---------------------------------------------------------

    def issue_code(self, request: AuthorizationRequest, person: Person) -> str:
        """A code for what `request` asks, in the name of `person`."""
        code = secrets.token_urlsafe(32)
        with self._lock:
            _bound(self._codes)
            self._codes[code] = (self.now() + CODE_SECONDS, request, person)
        return code

    def redeem_code(self, code: str, *, client_id: str, redirect_uri: str, code_verifier: str) -> Grant:
        """What `code` stands for; it is spent by the attempt, whether it succeeds or not.

        Raises:
            GrantError: `invalid_grant`.
        """
        with self._lock:
            expires_at, request, person = self._codes.pop(code, (0.0, None, None))
        if request is None or person is None or expires_at <= self.now():
            raise GrantError("invalid_grant", "the code is not known, was used already, or has expired")
        if (request.client_id, request.redirect_uri) != (client_id, redirect_uri):
            raise GrantError("invalid_grant", "the code was given to another client or redirect URI")
        digest = hashlib.sha256(code_verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if not secrets.compare_digest(challenge, request.code_challenge):
            raise GrantError("invalid_grant", "the code_verifier does not belong to the code_challenge")
        return Grant(client_id, request.scope, person, request.nonce, int(self.now()))

    # --- device code (RFC 8628) ------------------------------------------------------------------------------------

    def begin_device(self, client_id: str, scope: str) -> tuple[str, str]:
        """A device code and the user code that a person enters for it, such as `WDJB-MJHT`."""
        device_code = secrets.token_urlsafe(32)
        letters = "".join(secrets.choice(_USER_CODE_ALPHABET) for _ in range(8))
        user_code = f"{letters[:4]}-{letters[4:]}"
        with self._lock:
            _bound(self._devices)
            self._devices[device_code] = DeviceGrant(client_id, scope, user_code, self.now() + DEVICE_SECONDS)
        return device_code, user_code

    def waits(self, user_code: str) -> bool:
        """Whether a device waits for `user_code`, typed by hand."""
        with self._lock:
            return self._device_of(user_code) is not None

    def answer_device(self, user_code: str, person: Person | None) -> bool:
        """Let the device of `user_code` have tokens of `person`, or refuse it with None; False if none waits."""
        with self._lock:
            device_code = self._device_of(user_code)
            if device_code is None:
                return False
            waiting = self._devices[device_code]
            self._devices[device_code] = replace(waiting, person=person, refused=person is None)
            return True

    def poll_device(self, device_code: str, *, client_id: str) -> Grant:
        """What the device may have by now.

        Raises:
            GrantError: `authorization_pending`, `slow_down`, `access_denied`, `expired_token`, `invalid_grant`.
        """
        with self._lock:
            waiting = self._devices.get(device_code)
            if waiting is None or waiting.client_id != client_id:
                raise GrantError("invalid_grant", "the device_code is not known")
            now = self.now()
            if waiting.expires_at <= now:
                del self._devices[device_code]
                raise GrantError("expired_token", "nobody entered the user code in time")
            if waiting.refused:
                del self._devices[device_code]
                raise GrantError("access_denied", "the person refused")
            if waiting.person is None:
                self._devices[device_code] = replace(waiting, asked_at=now)
                if now - waiting.asked_at < DEVICE_INTERVAL_SECONDS:
                    raise GrantError("slow_down", f"ask every {DEVICE_INTERVAL_SECONDS} seconds")
                raise GrantError("authorization_pending", "the person has not yet answered")
            del self._devices[device_code]
            return Grant(client_id, waiting.scope, waiting.person, None, int(now))

    def _device_of(self, user_code: str) -> str | None:
        typed = "".join(letter for letter in user_code.upper() if letter.isalpha())
        now = self.now()
        for device_code, waiting in self._devices.items():
            answered = waiting.person is not None or waiting.refused
            if not answered and waiting.expires_at > now and waiting.user_code.replace("-", "") == typed:
                return device_code
        return None

    # --- refresh tokens, each used once (RFC 9700, 4.14.2) ---------------------------------------------------------

    def issue_refresh(self, grant: Grant) -> str:
        """A token to have `grant` again."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            _bound(self._refresh)
            self._refresh[token] = (self.now() + REFRESH_SECONDS, grant)
        return token

    def redeem_refresh(self, token: str, *, client_id: str) -> Grant:
        """What `token` stands for; another one takes its place.

        Raises:
            GrantError: `invalid_grant`.
        """
        with self._lock:
            expires_at, grant = self._refresh.pop(token, (0.0, None))
        if grant is None or expires_at <= self.now() or grant.client_id != client_id:
            raise GrantError("invalid_grant", "the refresh token is not known, was used already, or has expired")
        return grant

    def revoke(self, token: str) -> None:
        """Give up a refresh token; one that is not known is no error (RFC 7009, 2.2)."""
        with self._lock:
            self._refresh.pop(token, None)


def _bound(pending: dict[str, Pending]) -> None:
    """Let the oldest go where there are too many."""
    while len(pending) >= MAX_GRANTS:
        del pending[next(iter(pending))]
