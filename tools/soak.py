"""What takes too long for `make test`: run in the order of its worth, until the minutes that there are have been used.

`make soak MINUTES=40` (or SOAK_MINUTES). One line of `PARTS` is one part; to add one is to add a line. A test marked
`soak` needs no line of its own: the first two parts run them all. A test marked `clock` is run under each clock.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from tools.shifted_clock import NoShiftedClockError, distance_to, shifted

CHECKOUT = Path(__file__).resolve().parent.parent
PYTEST = (sys.executable, "-m", "pytest", "-q", "--color=no", "-n", "2", "--dist", "loadfile", "-p", "no:cacheprovider")
BY_CLOCK = (*PYTEST, "-m", "clock and not soak")
MARGIN = 1.3
"""How much longer than measured a part may take on a machine that is busy."""
PATIENCE_SECONDS = 20.0
"""How long a part that is cut off has to say how far it came, and again to go."""


@dataclass(frozen=True)
class Part:
    """A command, and when and where it believes to be."""

    name: str
    minutes: float
    """What it takes on two cores, measured; a part for which too little time is left is left out."""
    command: Sequence[str]
    moment: str | None = None
    """Of the clock that it sees: RFC 3339, or `+<days>d`."""
    zone: str | None = None
    """Of the machine that it believes to be on (TZ)."""


# Most valuable first. The moments lie a minute before what may break, so that a run goes over it.
PARTS = (
    Part("long tests", 13, (*PYTEST, "-m", "soak", "--deselect=tests/browser", "--deselect=tests/deployed")),
    Part("the console in a browser", 14, (*PYTEST, "-m", "soak", "tests/browser")),
    Part("fuzzing of every parser by coverage", 1.5, (sys.executable, "-m", "tests.fuzzing")),
    Part("requests of tests on dynalite", 5, (sys.executable, "-m", "tools.replay_dynamodb")),
    Part("the built stack on ministack", 4, (*PYTEST, "tests/deployed")),
    Part("ten planted faults", 3, ("env", "COUNT=10", sys.executable, "-m", "tools.breaks")),
    Part("rights of functions, used and granted", 4, (sys.executable, "-m", "tools.grants")),
    Part("leap day", 2.6, BY_CLOCK, "2028-02-28T23:59:00Z", "UTC"),
    Part("400 days ahead", 2.6, BY_CLOCK, "+400d", "Pacific/Auckland"),
    Part("summer time begins in Europe", 2.6, BY_CLOCK, "2027-03-28T00:59:00Z", "Europe/Madrid"),
    Part("summer time ends in America", 2.6, BY_CLOCK, "2027-11-07T08:59:00Z", "America/Los_Angeles"),
    Part("New Year's Eve", 2.6, BY_CLOCK, "2027-12-31T23:59:00Z", "UTC"),
    Part("4 years ahead", 2.6, BY_CLOCK, "+1461d", "Asia/Kathmandu"),
    Part("summer time ends in Europe", 2.6, BY_CLOCK, "2027-10-31T00:59:00Z", "Europe/Madrid"),
    Part("summer time begins in America", 2.6, BY_CLOCK, "2027-03-14T09:59:00Z", "America/Los_Angeles"),
    Part("8 years ahead, when foreign certificates have ended", 2.6, BY_CLOCK, "+2922d"),
    # The parts above ask more of the clock: MINUTES=60 runs all.
    Part("the whole suite a year ahead", 8, (*PYTEST, "-m", "not soak"), "+365d"),
)

# pytest's closing line, with -q or without.
_CLOSING = re.compile(r"^(?:=+ )?((?:\d+ [a-z]+(?:, )?)+) in \d[\d.]*s\b")
_COUNTED = re.compile(r"(\d+) ([a-z]+)")


@dataclass(frozen=True)
class Outcome:
    """How a part ended."""

    passed: int = 0
    """Tests that did, by the closing lines that it printed."""
    failed: int = 0
    """Tests that did; 1 where the part failed and no test of it."""
    left_out: str | None = None
    """Why it was not run, or not to its end."""

    def told(self) -> str:
        """Failed above all; cut off is no failure."""
        return "failed" if self.failed else self.left_out or "passed"


def soak(parts: Sequence[Part], minutes: float, say: Callable[[str], None]) -> int:
    """Run what fits into `minutes`; the exit code, 0 only where nothing failed.

    The last line counts tests over all parts, as in `1204 passed, 0 failed`.
    """
    end = time.monotonic() + minutes * 60
    outcomes: dict[str, Outcome] = {}
    for part in parts:
        left = max((end - time.monotonic()) / 60, 0)
        if part.minutes * MARGIN > left:
            outcomes[part.name] = Outcome(left_out=f"takes {part.minutes:g} minutes, {left:.1f} were left")
            continue
        say(f"soak: {part.name}")
        begun = time.monotonic()
        outcomes[part.name] = outcome = _run(part, end, say)
        say(f"soak: {part.name}: {outcome.told()}, {(time.monotonic() - begun) / 60:.1f} minutes")
    passed = [name for name, outcome in outcomes.items() if outcome.told() == "passed"]
    failed = [name for name, outcome in outcomes.items() if outcome.failed]
    left_out = [f"{name} ({outcome.left_out})" for name, outcome in outcomes.items() if outcome.left_out]
    say(f"soak: passed: {_listed(passed)}; failed: {_listed(failed)}; left out: {_listed(left_out)}")
    counted = [sum(each) for each in zip(*((one.passed, one.failed) for one in outcomes.values()), strict=True)]
    say("{} passed, {} failed".format(*counted))
    return 1 if failed else 0


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"


def _run(part: Part, end: float, say: Callable[[str], None]) -> Outcome:
    environment = {**os.environ, **({"TZ": part.zone} if part.zone else {})}
    if part.moment:
        try:
            environment = shifted(environment, distance_to(part.moment))
        except NoShiftedClockError as error:
            # On a machine of one's own it is said; where a submission is judged, nothing may be passed over.
            return Outcome(failed=int("CI" in os.environ), left_out=str(error))
    process = subprocess.Popen(
        part.command,
        cwd=CHECKOUT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,  # so that all that it starts can be ended with it
    )
    counted: Counter[str] = Counter()

    def show() -> None:
        with cast("IO[str]", process.stdout) as printed:
            for line in printed:
                say(line.rstrip("\n"))
                counted.update(_counts(line))

    shower = threading.Thread(target=show, daemon=True)
    shower.start()
    cut_off = None
    try:
        code = process.wait(timeout=max(0.0, end - time.monotonic()))
    except subprocess.TimeoutExpired:
        _end(process)
        code, cut_off = 0, "cut off, the minutes were used up"
    except BaseException:
        _end(process)
        raise
    shower.join(PATIENCE_SECONDS)
    return Outcome(counted["passed"], counted["failed"] or int(code != 0), cut_off)


def _counts(line: str) -> Counter[str]:
    """How many tests passed and failed, if `line` is pytest's closing line; an error in a fixture is a failure, too."""
    counted: Counter[str] = Counter()
    if closing := _CLOSING.match(line):
        for count, what in _COUNTED.findall(closing[1]):
            counted["failed" if what in ("failed", "error", "errors") else what] += int(count)
    return counted


def _end(process: subprocess.Popen[str]) -> None:
    """Ask the command to stop, so that it can tell how far it came; then end it and what it started."""
    process.send_signal(signal.SIGINT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=PATIENCE_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def main() -> int:
    """Run all parts in the minutes of the command line."""
    try:
        minutes = float(sys.argv[1])
    except (IndexError, ValueError):
        print("usage: python -m tools.soak MINUTES", file=sys.stderr)
        return 2
    # Where this was started in the background, SIGINT is ignored here, and so would be in what is started from here.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return soak(PARTS, minutes, lambda line: print(line, flush=True))


if __name__ == "__main__":
    sys.exit(main())
