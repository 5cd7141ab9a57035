"""Identifiers: opaque to callers, prefixed, sortable by creation."""

import secrets
from datetime import UTC, datetime, timedelta

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u; sorts as its values do.
_TIME_LENGTH = 11  # 55 bits of microseconds last until the year 3111.
_LAST_MICROSECOND = 32**_TIME_LENGTH - 1
_RANDOM_LENGTH = 13  # 65 bits: nobody guesses an id, and none is made twice within a microsecond.
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_SHOWN_PREFIXES = ("crt_", "evt_", "grp_", "pol_", "req_", "rol_")

BODY_LENGTH = _TIME_LENGTH + _RANDOM_LENGTH


NOBODYS = "crt_" + "0" * BODY_LENGTH
"""An id that was never given out. It is read where an alias names nothing that is remembered, and where there is no
more to read, so that what does not exist is asked for as often, and as much of it, as what does."""


def _encoded(number: int, length: int) -> str:
    return "".join(_ALPHABET[number >> 5 * place & 31] for place in reversed(range(length)))


def new_body(at: datetime) -> str:
    """What follows the prefix: shared by a request, its certificate and its key (`req_X`, `crt_X`, `key_X`)."""
    return _encoded((at - _EPOCH) // _MICROSECOND, _TIME_LENGTH) + _encoded(secrets.randbits(65), _RANDOM_LENGTH)


def new_id(prefix: str, at: datetime) -> str:
    """A new identifier such as `crt_...`, made at `at`."""
    return f"{prefix}_{new_body(at)}"


def made_at(identifier: str) -> datetime:
    """The moment, to the microsecond, that an identifier of ours carries."""
    number = 0
    for letter in identifier.partition("_")[2][:_TIME_LENGTH]:
        number = number << 5 | _ALPHABET.index(letter)
    return _EPOCH + number * _MICROSECOND


def is_id(prefix: str, text: str) -> bool:
    """Whether `text` has the form of an identifier with `prefix`."""
    head, _, body = text.partition("_")
    return head == prefix and len(body) == BODY_LENGTH and all(letter in _ALPHABET for letter in body)


def begins_like_an_id(folded: str) -> bool:
    """Whether a name, after case folding, begins as what callers are shown as ids: it could be taken for one."""
    return folded.startswith(_SHOWN_PREFIXES)


def with_prefix(prefix: str, identifier: str) -> str:
    """The identifier of another kind with the same body: `with_prefix("key", "crt_X")` is `key_X`."""
    return f"{prefix}_{identifier.partition('_')[2]}"


def earliest(prefix: str, at: datetime) -> str:
    """What sorts before every identifier made at `at` or later, and after every earlier one."""
    microseconds = min(max(0, (at - _EPOCH) // _MICROSECOND), _LAST_MICROSECOND)
    return f"{prefix}_{_encoded(microseconds, _TIME_LENGTH)}"


def moment_after(now: datetime, *identifiers: str) -> datetime:
    """`now`, or the microsecond after the latest of `identifiers`, so that what comes next sorts behind them."""
    return max([now, *(made_at(identifier) + _MICROSECOND for identifier in identifiers if identifier)])
