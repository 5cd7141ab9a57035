"""What would another engine have said? The DynamoDB requests of a test run, replayed on dynalite.

`python -m tools.replay_dynamodb` runs the tests named in `TESTS` with their requests recorded, and replays these;
`python -m tools.replay_dynamodb FOLDER` replays what is in FOLDER, recorded by any run with RECORD_DYNAMODB=FOLDER.
Each request that dynalite answers with ValidationException, and the local stack did not, is told; the exit code is
then 1. It is 1 as well where a test failed; what was recorded is replayed all the same.

dynalite knows no transactions, so that each part of one is sent as the request that it stands for.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent
DYNALITE = CHECKOUT / ".tools/dynalite/node_modules/dynalite/cli.js"
START_SECONDS = 120.0
TESTS = tuple(
    f"tests/integration/{name}.py"
    for name in (
        "access/test_certificate_groups",
        "access/test_roles",
        "access/test_wide_roles",
        "certificates/bulk/test_bulk_actions",
        "certificates/bulk/test_many_at_once",
        "certificates/test_list_certificates",
        "certificates/renewals/test_access_after_renewals",
        "certificates/renewals/test_renewal_requests",
        "certificates/renewals/test_what_goes_over",
        "events/test_list_events",
        "policies/test_policy_fields",
        "policies/test_policy_references",
        "policies/test_signing_obeys_policies",
        "policies/test_who_may_write_policies",
        "resilience/races/test_change_races",
        "resilience/races/test_signing_races",
        "signing/test_pins",
        "signing/test_signing_decision",
        "signing/test_signing_over_http",
        "signing_requests/test_answers_of_a_ca",
        "signing_requests/test_ordered_csrs",
        "signing_requests/test_pending_requests",
    )
)

_REPLAYED = frozenset(
    {"GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "BatchGetItem", "BatchWriteItem"}
)
_TABLE_FIELDS = ("TableName", "KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes", "BillingMode")
_PARTS = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "Get": "GetItem"}

Request = Mapping[str, Any]


@dataclass(frozen=True)
class KnownDifference:
    """Where dynalite is not DynamoDB, in AWS's words."""

    message: re.Pattern[str]
    """What dynalite says."""
    documentation: str


KNOWN_DIFFERENCES: tuple[KnownDifference, ...] = ()


def requests_of(operation: str, request: Request) -> Iterator[tuple[str, Request]]:
    """The requests, as dynalite knows them, that one of ours stands for."""
    if operation == "CreateTable":
        yield operation, {name: request[name] for name in _TABLE_FIELDS if name in request}
    elif operation in _REPLAYED:
        yield operation, request
    elif operation in ("TransactWriteItems", "TransactGetItems"):
        for part in request["TransactItems"]:
            ((kind, asked),) = part.items()
            if kind == "ConditionCheck":
                # A change of nothing, on the same condition.
                yield "UpdateItem", {**asked, "UpdateExpression": "REMOVE replayed"}
            else:
                yield _PARTS[kind], asked


def objection(operation: str, request: Request, connection: HTTPConnection) -> str | None:
    """What dynalite says where it calls `request` invalid."""
    connection.request(
        "POST",
        "/",
        json.dumps(request),
        {
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": f"DynamoDB_20120810.{operation}",
            "X-Amz-Date": "20260101T000000Z",
            # It is looked at for its form alone.
            "Authorization": "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, "
            "SignedHeaders=host;x-amz-date;x-amz-target, Signature=local",
        },
    )
    answer = connection.getresponse()
    body = json.loads(answer.read() or b"{}")
    kind = str(body.get("__type", "")).rpartition("#")[2]
    if kind in ("ValidationException", "SerializationException"):
        return str(body.get("message") or body.get("Message") or kind)
    if kind == "ResourceInUseException" and operation == "CreateTable":
        objection("DeleteTable", {"TableName": request["TableName"]}, connection)
        return objection(operation, request, connection)
    return None


def replay(folder: Path, connection: HTTPConnection) -> Counter[tuple[str, str]]:
    """How often dynalite said what to which operation, of the requests recorded in `folder`."""
    told: Counter[tuple[str, str]] = Counter()
    replayed = 0
    for file in sorted(folder.glob("*.jsonl")):
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                if record["error"] == "ValidationException":
                    continue
                for operation, request in requests_of(record["operation"], record["request"]):
                    replayed += 1
                    message = objection(operation, request, connection)
                    if message is not None and not any(one.message.search(message) for one in KNOWN_DIFFERENCES):
                        told[operation, f"{message}\n    {json.dumps(request)[:600]}"] += 1
    print(f"replayed {replayed} requests; {len(told)} of another opinion")
    if not replayed:
        raise SystemExit("nothing was recorded")
    return told


@contextmanager
def dynalite() -> Iterator[HTTPConnection]:
    """An empty dynalite of our own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    node = shutil.which("node", path=f"{os.environ['PATH']}{os.pathsep}{CHECKOUT / '.tools/dynalite/bin'}")
    if node is None:
        raise SystemExit("there is no Node: make .tools/dynalite/.ready")
    process = subprocess.Popen(
        [
            node,
            str(DYNALITE),
            "--host=127.0.0.1",
            f"--port={port}",
            "--createTableMs=0",
            "--deleteTableMs=0",
        ],
        stdout=subprocess.DEVNULL,
    )
    connection = HTTPConnection("127.0.0.1", port, timeout=300)
    try:
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                connection.connect()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > end:
                    raise SystemExit("dynalite did not start") from None
                time.sleep(0.1)
        yield connection
    finally:
        connection.close()
        process.terminate()
        process.wait()


def main(arguments: list[str]) -> int:
    """Record, unless a folder is given, and replay; the exit code."""
    if not DYNALITE.exists():
        raise SystemExit("make .tools/dynalite/.ready")
    with tempfile.TemporaryDirectory() as made:
        folder = Path(arguments[0] if arguments else made)
        failed = 0
        if not arguments:
            failed = subprocess.run(
                [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", *TESTS],
                cwd=CHECKOUT,
                env={**os.environ, "RECORD_DYNAMODB": made},
                check=False,
            ).returncode
        # Started only now: Node closes a connection on which nothing is asked for a minute.
        with dynalite() as connection:
            told = replay(folder, connection)
    for (operation, message), count in told.most_common():
        print(f"{count} x {operation}: {message}")
    return 1 if told or failed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
