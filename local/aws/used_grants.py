"""Which of its grants each function was seen to use, written down while tests run.

A statement of a role grants as many things as it has actions, resources and, where it names keys of items, patterns for
them. Where the environment names a folder in RECORD_GRANTS, each process that functions run in appends to a file of its
own there, one line of JSON for each grant that it has not yet seen used. `tools/grants.py` compares them with all that
the template grants.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

from local.aws.iam_statements import Need, Statement, several

RECORD_GRANTS = "RECORD_GRANTS"
LEADING_KEYS = "dynamodb:LeadingKeys"


class Grant(NamedTuple):
    """One thing that a function may do."""

    function: str
    """Its name in AWS."""
    sid: str
    action: str
    resource: int
    """Its place among the resources of the statement: what they are called differs from one stack to the next."""
    keys: str
    """The pattern of the keys of items; empty where the statement does not ask for any."""


def grants_of(function: str, statement: Statement) -> Iterator[Grant]:
    """All that `statement` lets `function` do."""
    for action in several(statement["Action"]):
        for place, _ in enumerate(several(statement["Resource"])):
            for pattern in _patterns(statement):
                yield Grant(function, statement["Sid"], action, place, pattern)


def used_grants(function: str, need: Need, statement: Statement) -> Iterator[Grant]:
    """The grants of `statement`, which covers `need`, that `need` makes use of."""
    values = need.context.get(LEADING_KEYS, [])
    for grant in grants_of(function, statement):
        resource = several(statement["Resource"])[grant.resource]
        if (
            fnmatchcase(need.action, grant.action)
            and fnmatchcase(need.resource, resource)
            and (not grant.keys or any(fnmatchcase(value, grant.keys) for value in values))
        ):
            yield grant


def recorder() -> Callable[[str, Need, Sequence[Statement]], None] | None:
    """What writes down the grants that are used, if this process is asked to."""
    folder = os.environ.get(RECORD_GRANTS)
    if not folder:
        return None
    seen: set[Grant] = set()

    def write_down(function: str, need: Need, statements: Sequence[Statement]) -> None:
        fresh = {grant for each in statements for grant in used_grants(function, need, each)} - seen
        if fresh:
            seen.update(fresh)
            # One file for each process: a worker is a fork, and knows what its parent knew.
            with (Path(folder) / f"{os.getpid()}.jsonl").open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(grant) + "\n" for grant in sorted(fresh))

    return write_down


def recorded_grants(folder: Path) -> set[Grant]:
    """The grants that a run has written down in `folder`."""
    found = set()
    for file in sorted(folder.glob("*.jsonl")):
        with file.open(encoding="utf-8") as lines:
            found |= {Grant(*json.loads(line)) for line in lines}
    return found


def _patterns(statement: Statement) -> Sequence[str]:
    conditions: Mapping[str, Mapping[str, Any]] = statement.get("Condition", {})
    found = [pattern for keys in conditions.values() for pattern in several(keys.get(LEADING_KEYS, []))]
    return found or [""]
