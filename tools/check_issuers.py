"""`make issuers`: what is wrong with a list for the deployment parameter TrustedIssuers, before it is deployed."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from signet.adapters.identity.issuer_keys import FETCH_TIMEOUT, IssuerKeys, UnreadableDocumentError
from signet.domain.access.trusted_issuer import InvalidTrustedIssuersError, TrustedIssuer, judge_trusted_issuers

MOST_BYTES = 3200
"""The whole environment of a function is 4 KB (AWS Lambda Developer Guide, quotas), the other variables included."""
MOST_BYTES_STORED = 8192
"""Of an advanced parameter (AWS Systems Manager User Guide, managing parameter tiers); a standard one has half."""


def main(arguments: list[str]) -> int:
    """Print one line for each entry; 0 where the whole list can be used."""
    parser = argparse.ArgumentParser(prog="make issuers", description=__doc__)
    parser.add_argument("file", help="a file with the JSON list")
    parser.add_argument("--ask", action="store_true", help="also fetch the keys of each issuer")
    parser.add_argument("--stored", action="store_true", help="the list is for the Parameter Store")
    asked = parser.parse_args(arguments)
    if not asked.file:
        print("Name the file with the list: make issuers FILE=issuers.json", file=sys.stderr)
        return 2
    try:
        text = Path(asked.file).read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        reason = "it is not UTF-8" if isinstance(error, UnicodeError) else error.strerror
        print(f"{asked.file} cannot be read: {reason}", file=sys.stderr)
        return 2
    wrong = 0
    for what, fault in judge(text, ask=asked.ask, stored=asked.stored):
        print(f"{what}: {fault or 'fine'}")
        wrong += fault is not None
    return 1 if wrong else 0


def judge(text: str, *, ask: bool = False, stored: bool = False) -> Iterator[tuple[str, str | None]]:
    """Each part of the list with what is wrong with it, or None."""
    try:
        verdicts = judge_trusted_issuers(text)
    except InvalidTrustedIssuersError as error:
        yield "the list", str(error)
        return
    if not verdicts:
        yield "the list", "it is empty, so that nobody could call"
    for verdict in verdicts:
        fault = verdict.fault
        if verdict.issuer is not None and ask:
            fault = unreachable(verdict.issuer)
        yield verdict.entry, fault
    # As `make deploy` may be given it, on one line.
    size = len(json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":")).encode())
    if stored and size > MOST_BYTES_STORED:
        yield "the list", f"it is {size} bytes long, and {MOST_BYTES_STORED} fit into an advanced parameter"
    elif not stored and size > MOST_BYTES:
        fits = f"about {MOST_BYTES} fit into the environment of a function"
        yield "the list", f"it is {size} bytes long, and {fits}; {MOST_BYTES_STORED} into the Parameter Store"


def unreachable(issuer: TrustedIssuer) -> str | None:
    """Why tokens of `issuer` could not be judged from this machine, or None."""
    try:
        keys = IssuerKeys(issuer).read(time.monotonic() + FETCH_TIMEOUT.total_seconds())
    except UnreadableDocumentError as error:
        return f"its keys cannot be had: {error}"
    return None if keys else "its key set has no key that tokens can be checked with"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
