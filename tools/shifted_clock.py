"""A clock that is wrong on purpose, for every process of one run.

`python -m tools.shifted_clock 2028-02-28T23:59:00Z pytest -m clock` runs the command as if it were that moment, and
`+400d` as if 400 days had passed. All processes share one distance to the real time, so that they agree with each
other, and time passes as always. Only the time of day is shifted: what waits and measures reads the monotonic clock,
and the times of files stay as they are.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

HOW_TO_GET_IT = (
    "no libfaketime works here (Debian and Ubuntu: apt-get install libfaketime; macOS: brew install libfaketime)"
)

PRELOAD = "DYLD_INSERT_LIBRARIES" if sys.platform == "darwin" else "LD_PRELOAD"

_SYSTEM_PLACES = (
    "/usr/lib/*/faketime/libfaketime.so.1",
    "/usr/lib*/faketime/libfaketime.so.1",
    "/opt/homebrew/lib/faketime/libfaketime.1.dylib",
    "/usr/local/lib/faketime/libfaketime*",
)
_TIME_TO_RUN = timedelta(minutes=2)  # how far a moment that was asked for may be away once it was shown


class NoShiftedClockError(Exception):
    """The library that shifts the clock is not here, or does not work."""


def distance_to(moment: str) -> timedelta:
    """From now to `moment`: RFC 3339, or `+<days>d`.

    Raises:
        ValueError: it is neither.
    """
    if found := re.fullmatch(r"\+(\d+)d", moment):
        return timedelta(days=int(found[1]))
    asked = datetime.fromisoformat(moment)
    if asked.tzinfo is None:
        raise ValueError(f"{moment} has no zone, expected such as 2028-02-28T23:59:00Z")
    return asked - datetime.now(UTC)


def shifted(environment: Mapping[str, str], distance: timedelta) -> dict[str, str]:
    """`environment`, and in it what moves the clock of a process, and of all that it starts, by `distance`.

    Raises:
        NoShiftedClockError: nothing on this machine does so.
    """
    already = re.fullmatch(r"([+-]\d+)s", environment.get("FAKETIME", ""))
    total = distance + timedelta(seconds=int(already[1]) if already else 0)
    for library in _libraries():
        candidate = {
            **environment,
            PRELOAD: str(library),
            "FAKETIME": f"{int(total.total_seconds()):+d}s",
            "DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }
        if abs(_time_seen_in(candidate) - (datetime.now(UTC) + distance)) < _TIME_TO_RUN:
            return candidate
    raise NoShiftedClockError(HOW_TO_GET_IT)


def unshifted(environment: Mapping[str, str]) -> dict[str, str]:
    """`environment` with the real time: for what asks the network, where certificates are judged by today."""
    if "FAKETIME" not in environment:
        return dict(environment)
    ours = {PRELOAD, "FAKETIME", "DONT_FAKE_MONOTONIC", "FAKETIME_DONT_FAKE_MONOTONIC", "NO_FAKE_STAT"}
    return {name: value for name, value in environment.items() if name not in ours}


def keep_environment_in_place() -> None:
    """Let this process change its environment, as tests do, while threads of it run under a shifted clock.

    libfaketime looks into the environment each time that a thread waits, and `setenv` frees the list of variables that
    it looks through, which ends the process (glibc before 2.41). From here on one list is kept, with room to grow.
    """
    if "FAKETIME" not in os.environ or platform.libc_ver()[0] != "glibc":
        return
    kept = _EnvironmentInPlace()
    # `os.environ` asks for it by this name.
    os.__dict__["putenv"] = kept.put


class _EnvironmentInPlace:
    """The list of variables that `getenv` of this process looks through, never moved."""

    ROOM = 4096

    def __init__(self) -> None:
        self._texts = [
            b"%b=%b" % pair for pair in os.environb.items()
        ]  # all that ever stood there: others look at them
        self._list = (ctypes.c_char_p * self.ROOM)(*self._texts)
        where = ctypes.c_void_p.in_dll(ctypes.CDLL(None), "environ")
        where.value = ctypes.addressof(self._list)

    def put(self, name: bytes, value: bytes) -> None:
        """Set a variable, in its place or in the next that is free; `unsetenv` moves the others down, in place."""
        known = range(self.ROOM - 1)
        place = next(n for n in known if (self._list[n] or name + b"=").startswith(name + b"="))
        self._texts.append(b"%b=%b" % (name, value))
        self._list[place] = self._texts[-1]


def _libraries() -> Iterator[Path]:
    if package := importlib.util.find_spec("libfaketime"):
        for folder in package.submodule_search_locations or ():
            yield from sorted(Path(folder).glob("vendor/libfaketime/src/libfaketime*.so.1"))
    for place in _SYSTEM_PLACES:
        yield from sorted(Path("/").glob(place.lstrip("/")))


def _time_seen_in(environment: Mapping[str, str]) -> datetime:
    show = "import time; print(time.time())"
    done = subprocess.run(
        [sys.executable, "-I", "-c", show], env=environment, capture_output=True, text=True, check=False
    )
    try:
        return datetime.fromtimestamp(float(done.stdout), UTC)
    except (ValueError, OverflowError):
        return datetime.min.replace(tzinfo=UTC)


def main() -> int:
    """Run the command of the command line, at the moment of its first word."""
    if len(sys.argv) < 3:  # noqa: PLR2004  a moment and a command
        print("usage: python -m tools.shifted_clock MOMENT COMMAND...", file=sys.stderr)
        return 2
    try:
        environment = shifted(os.environ, distance_to(sys.argv[1]))
    except (ValueError, NoShiftedClockError) as error:
        print(error, file=sys.stderr)
        return 2
    return subprocess.run(sys.argv[2:], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
