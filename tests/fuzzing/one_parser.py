"""`python -m tests.fuzzing.one_parser PARSER FOLDER SECONDS`: search one parser for what it does not survive.

atheris (https://github.com/google/atheris) changes inputs and keeps those that reach new code of `signet` or
`signet_cli`, as it counts it by its instrumentation. What ends the search: an error that the parser must not raise, an
input that costs more of the processor or of memory than any may, or the end of its seconds of processor time. So a busy
machine changes neither what is found nor how long it is looked for.
"""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import NoReturn

import atheris

with atheris.instrument_imports(include=["signet", "signet_cli"]):
    from tests.fuzzing.parsers import PARSERS, Parser

MAX_SECONDS = 6.0
"""Of processor time for one input, of instrumented code; what has no bound takes minutes."""
MAX_KIB = 200 * 1024
"""By how much one input may raise the most that the process ever held."""
SLOW_SECONDS = 0.02
"""A seed that takes longer is read once, and not built upon: hundreds of others are read in its time."""


class TooSlowError(BaseException):
    """An input took more of the processor than any may."""


class TooLargeError(Exception):
    """An input took more memory than any may."""


class Search:
    """Counts what a parser answered, and ends the process when its time is over."""

    def __init__(self, parser: Parser, folder: Path) -> None:
        self._parser = parser
        self._report = folder / "report.json"
        self.ends_at: float | None = None
        """In seconds of processor time."""
        self._taken = self._refused = 0
        self._longest = 0.0
        signal.signal(signal.SIGVTALRM, _too_slow)

    def one(self, content: bytes) -> float:
        """Let the parser read `content`; the seconds that it took."""
        begun, held = time.process_time(), _most_held()
        signal.setitimer(signal.ITIMER_VIRTUAL, MAX_SECONDS)
        try:
            self._parser.read(content)
            self._taken += 1
        except self._parser.refusals:
            self._refused += 1
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        seconds = time.process_time() - begun
        self._longest = max(self._longest, seconds)
        if seconds > MAX_SECONDS:
            raise TooSlowError(seconds)
        if _most_held() - held > MAX_KIB:
            raise TooLargeError(_most_held() - held)
        if self.ends_at is not None and begun + seconds > self.ends_at:
            self._tell()
        return seconds

    def _tell(self) -> NoReturn:
        found = {"taken": self._taken, "refused": self._refused, "longest": round(self._longest, 3)}
        self._report.write_text(json.dumps({**found, "held": _most_held()}))
        sys.stderr.flush()
        os._exit(0)


def _too_slow(_: int, __: FrameType | None) -> None:
    raise TooSlowError(MAX_SECONDS)


def _most_held() -> int:
    """In KiB (getrusage(2), Linux)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    """Begin with the seeds; a finding is left in the folder as `crash-...`."""
    name, folder, seconds = sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])
    parser = next(each for each in PARSERS if each.name == name)
    corpus = folder / "corpus"
    corpus.mkdir(exist_ok=True)
    search = Search(parser, folder)
    for number, seed in enumerate(parser.seeds()):
        if search.one(seed) < SLOW_SECONDS:
            (corpus / f"{number:04}").write_bytes(seed)
    search.ends_at = time.process_time() + seconds

    def changed(content: bytes, longest: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if parser.mutation is None or chance.random() < BLIND_SHARE:
            return bytes(atheris.Mutate(content, longest))
        return parser.mutation(content, chance, lambda part: bytes(atheris.Mutate(part, longest)))[:longest]

    # The seed makes two runs alike. libFuzzer's own timeout is by the wall clock, and only for what Python cannot stop.
    settings = ["-seed=2711", f"-max_len={parser.longest}", "-len_control=0", "-timeout=300", "-rss_limit_mb=2048"]
    words = [sys.argv[0], *settings, f"-artifact_prefix={folder}/", str(corpus)]
    atheris.Setup(words, lambda content: search.one(content) and None, custom_mutator=changed)
    atheris.Fuzz()


BLIND_SHARE = 0.3
"""Of the inputs of a parser whose form is known, those that are changed without regard to it."""


if __name__ == "__main__":
    main()
