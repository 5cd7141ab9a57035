"""Where the tokens of a profile lie: in the system's keyring, else in a file that only the user can read."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import keyring
import keyring.errors
import platformdirs

from signet_cli.errors import CommandError

_SERVICE = "signet"


@dataclass(frozen=True)
class Tokens:
    """What a login gave."""

    token: str = field(repr=False)
    """What the service is called with."""
    expires_at: float
    """Unix seconds."""
    refresh_token: str | None = field(default=None, repr=False)
    issuer: str | None = None
    """The address of the identity provider that can renew it."""
    client_id: str | None = None
    kind: str = "access_token"
    """Which of the provider's two tokens the service wants."""


def load(profile: str) -> Tokens | None:
    """The tokens of `profile`; None where nobody is logged in."""
    text = None
    with contextlib.suppress(keyring.errors.KeyringError):
        text = keyring.get_password(_SERVICE, profile)
    if text is None:
        try:
            text = _file(profile).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise CommandError(f"{_file(profile)} cannot be read: {error.strerror}") from error
    try:
        return Tokens(**json.loads(text))
    except (ValueError, TypeError):
        return None


def save(profile: str, tokens: Tokens) -> str:
    """Keep `tokens`; where they lie now, in words."""
    text = json.dumps(asdict(tokens))
    try:
        keyring.set_password(_SERVICE, profile, text)
    except keyring.errors.KeyringError:
        path = _file(profile)
        _write_private(path, text)
        return str(path)
    with contextlib.suppress(OSError):
        _file(profile).unlink(missing_ok=True)
    return "the system's keyring"


def forget(profile: str) -> bool:
    """Delete the tokens of `profile`; whether there were any."""
    found = False
    with contextlib.suppress(keyring.errors.KeyringError):
        if keyring.get_password(_SERVICE, profile) is not None:
            keyring.delete_password(_SERVICE, profile)
            found = True
    path = _file(profile)
    if path.exists():
        path.unlink()
        found = True
    return found


@contextlib.contextmanager
def alone(profile: str) -> Iterator[None]:
    """Within it no other program of this user renews the tokens of `profile`."""
    path = _file(profile).with_suffix(".lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}") from error
    try:
        _wait_for(descriptor)
        yield
    finally:
        os.close(descriptor)  # which also lets go of it


def _wait_for(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX)


def _file(profile: str) -> Path:
    return platformdirs.user_state_path("signet") / f"{profile}.tokens.json"


def _write_private(path: Path, text: str) -> None:
    """Write a file that nobody else can ever read, not even for a moment, whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = path.with_suffix(f".{os.getpid()}.new")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        temporary.replace(path)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}") from error
