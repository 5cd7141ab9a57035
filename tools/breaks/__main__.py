"""`make breaks`: plant all faults, or COUNT of them, drawn anew each time; SEED draws the same ones again."""

from __future__ import annotations

import os
import random
import signal
import sys

from tools.breaks.around import CLIENTS, DEPLOYED, LOCAL_STACK, TOOLS
from tools.breaks.inside import DOMAIN, OPERATIONS
from tools.breaks.outside import ADAPTERS, API
from tools.breaks.planting import Break, draw, plant

BREAKS: dict[str, tuple[Break, ...]] = {
    "domain": DOMAIN,
    "operations": OPERATIONS,
    "adapters": ADAPTERS,
    "api": API,
    "functions and template": DEPLOYED,
    "local stack": LOCAL_STACK,
    "clients": CLIENTS,
    "tools": TOOLS,
}
"""By the floor that they break."""


def main() -> int:
    """Plant them, and say which were caught; 1 where not all were."""
    # Where this was started in the background, SIGINT is ignored. Whatever ends it, its copy is removed first.
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)
    everything = [each for floor in BREAKS.values() for each in floor]
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(10**6))
    count = int(os.environ.get("COUNT") or len(everything))
    try:
        return plant(draw(everything, count, seed), seed=seed, say=lambda line: print(line, flush=True))
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
