"""Signatures that were asked for and not had: whoever asks again for the same one has the same Idempotency-Key.

The service counts a signature before it answers. Where the answer is lost on the way, or this program is killed before
it has handed the signature on, a note stays behind: the key that the signature was asked for with, in a file that is
called by the hash of the request. The next program that wants the same finds it, and is answered the same signature,
counted once, as long as the service remembers the key. Only the standard library is imported here, for the agent.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

REMEMBERED_SECONDS: Final = 24 * 60 * 60
"""How long the service remembers a key."""
_MOST_BYTES: Final = 1024
_TRIES: Final = 8


class Attempt:
    """One signature that is being asked for. Nobody else on this machine has the same note at the same time."""

    def __init__(self, key: str, begun_at: float, path: Path | None, descriptor: int | None, *, again: bool) -> None:
        self.key = key
        """The Idempotency-Key to ask with."""
        self.begun_at = begun_at
        """When it was asked for first, in Unix seconds."""
        self.again = again
        """Whether it was asked for before."""
        self._path = path
        self._descriptor = descriptor

    def settle(self) -> None:
        """It was handed on, or nothing was signed: a request like it is for another signature."""
        if self._path is not None and self._descriptor is not None:
            # A note that cannot be deleted is one that nobody believes once it is empty.
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, 0)
            with contextlib.suppress(OSError):
                self._path.unlink()
        self.leave()

    def leave(self) -> None:
        """Nobody knows what came of it: the note stays for whoever asks again."""
        if self._descriptor is not None:
            os.close(self._descriptor)  # which also lets go of it
            self._descriptor = None

    def start_over(self) -> None:
        """Take another key: the service knows this one with another PIN."""
        self.key, self.begun_at, self.again = _new_key(), time.time(), False
        if self._descriptor is not None:
            with contextlib.suppress(OSError):
                _write(self._descriptor, self.key, self.begun_at)


@contextlib.contextmanager
def attempt(*request: Any) -> Iterator[Attempt]:
    """One attempt at what `request` says, which holds no secret; settled at the end, left where that is an error."""
    made = begin(*request)
    try:
        yield made
    except BaseException:
        made.leave()
        raise
    made.settle()


def begin(*request: Any) -> Attempt:
    """The same without an end: to be settled or left. Where no note can be kept, the key is at least in memory."""
    name = hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
    path = descriptor = None
    with contextlib.suppress(OSError, RuntimeError):  # a home folder that cannot be written to, or none at all
        folder = _folder()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _forget_what_the_service_forgot(folder)
        path = folder / name
        descriptor = _held(path)
    if descriptor is None:
        return Attempt(_new_key(), time.time(), None, None, again=False)
    known = _read(descriptor)
    if known is not None:
        return Attempt(*known, path, descriptor, again=True)
    fresh = Attempt(_new_key(), time.time(), path, descriptor, again=False)
    with contextlib.suppress(OSError):  # a disk without room
        _write(descriptor, fresh.key, fresh.begun_at)
    return fresh


def _new_key() -> str:
    return secrets.token_urlsafe(24)


def _folder() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home()) / "signet" / "unanswered"
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "signet" / "unanswered"


def _forget_what_the_service_forgot(folder: Path) -> None:
    for path in folder.iterdir():
        with contextlib.suppress(OSError):  # another program has just done so
            if path.stat().st_mtime < time.time() - REMEMBERED_SECONDS:
                path.unlink()


def _held(path: Path) -> int | None:
    """The note, open and locked; None where another program is just asking for the same, which is another signature."""
    for _ in range(_TRIES):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        if not _lock(descriptor):
            os.close(descriptor)
            return None
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(descriptor), path.stat()):
                return descriptor
        # It was settled, and deleted, between the two.
        os.close(descriptor)
    return None


def _lock(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _read(descriptor: int) -> tuple[str, float] | None:
    """The key of a note and when it was made; None of an empty one, or of one that says nothing."""
    try:
        note = json.loads(os.read(descriptor, _MOST_BYTES))
        key, begun_at = str(note["key"]), float(note["begun_at"])
    except (ValueError, KeyError, TypeError):
        return None
    return (key, begun_at) if 0 <= time.time() - begun_at < REMEMBERED_SECONDS else None


def _write(descriptor: int, key: str, begun_at: float) -> None:
    os.ftruncate(descriptor, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, json.dumps({"key": key, "begun_at": begun_at}).encode())
