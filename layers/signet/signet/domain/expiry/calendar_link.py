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

    id: str
    """`cal_...`; tells which one is meant, and opens nothing."""
    digest: str
    """Hex of the SHA-256 of its secret, which is random and long, so that no slow hash is needed."""
    user: str
    user_groups: frozenset[str]
    """Those that the user was in when the link was made: a calendar program has no token that could name them again."""
    created_at: datetime

    @property
    def version(self) -> int:
        """The only one: a link is never changed; it ends, and another one is made under another id."""
        return 1


def new_secret() -> str:
    """A secret that nobody guesses."""
    return _text(secrets.token_bytes(SECRET_BYTES))


def repeatable_secret(service_key: bytes, idempotency_key: str, link_id: str) -> str:
    """The secret of the link `link_id`, which was asked for with `idempotency_key`.

    A repeat makes it again, so it is stored nowhere: of the three that it is made of, the caller alone has the
    Idempotency-Key. The id is another one for each link, so that no link ever has the secret of an earlier one.
    """
    told = f"calendar-link\n{link_id}\n{idempotency_key}"
    return _text(hmac.digest(service_key, told.encode("utf-8", "surrogatepass"), hashlib.sha256))


def digest_of(secret: str) -> str:
    """What is kept of `secret`."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _text(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()
