"""`python -m local.invoke <function> <event file>`: run one function of the stack that `make run` has up."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen


def main(arguments: list[str]) -> int:
    """Print what the function answers; the exit code."""
    try:
        function, file = arguments
    except ValueError:
        print("usage: make invoke FUNCTION=GetHealthFunction EVENT=events/get_health.json", file=sys.stderr)
        return 2
    url = f"http://127.0.0.1:{os.environ.get('PORT') or 3000}"
    order = Request(f"{url}/2015-03-31/functions/{function}/invocations", Path(file).read_bytes())  # noqa: S310 - ours
    try:
        with urlopen(order) as answer:  # noqa: S310 - http, to this machine
            print(answer.read().decode())
            return 1 if answer.headers["X-Amz-Function-Error"] else 0
    except HTTPError as error:
        print(error.read().decode(), file=sys.stderr)
    except URLError as error:
        print(f"nothing answers at {url} ({error.reason}); is `make run` up?", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
