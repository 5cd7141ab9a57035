"""The link by which a calendar program, which can send no token, may read somebody's expiry calendar."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime

SECRET_BYTES = 32
MAX_SECRET_CHARACTERS = 64
"""Longer than any secret of ours; what is longer is not looked up."""


@dataclass(frozen=True, slots=True)
class CalendarLink:
    """What is kept of a link: nothing that lets anybody use it. A user has one at most."""

    digest: str
    """Hex of the SHA-256 of its secret, which is random and long, so that no slow hash is needed."""
    user: str
    user_groups: frozenset[str]
    """Those that the user was in when the link was made: a calendar program has no token to tell them anew."""
    created_at: datetime


def new_secret() -> str:
    """A secret that nobody guesses."""
    return _text(secrets.token_bytes(SECRET_BYTES))


def repeatable_secret(key: bytes, once_id: str) -> str:
    """The secret of a request that may be sent again: the same each time, and kept nowhere."""
    return _text(hmac.digest(key, f"calendar-link\n{once_id}".encode(), hashlib.sha256))


def digest_of(secret: str) -> str:
    """What is kept of `secret`."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _text(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()
