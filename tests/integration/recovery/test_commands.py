"""`make doctor` and `make restore` as they are run, on what `make run` has up, with its samples."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from local.stack import Stack, start
from tests.architecture.source_tree import ROOT

pytestmark = pytest.mark.soak


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """The whole service with its samples."""
    with start(seed=True, workers=2, log=lambda _: None) as stack:
        yield stack


def run(module: str, *arguments: str, port: int | None) -> subprocess.CompletedProcess[str]:
    """One of the commands, on the AWS at that port."""
    kept = {name: value for name, value in os.environ.items() if name not in {"STACK", "AWS_PORT"}}
    return subprocess.run(
        [sys.executable, "-m", f"tools.recovery.{module}", *arguments],
        cwd=ROOT,
        env={**kept, "PYTHONPATH": "layers/signet:.", "AWS_PORT": str(port)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_doctor_finds_nothing_wrong_with_the_samples_and_then_what_is(stack: Stack) -> None:
    port = urlsplit(stack.aws_url).port

    healthy = run("doctor", "--open-keys", port=port)
    dynamodb, table = stack.client("dynamodb"), str(stack.resources.attribute("PrivateKeyTable"))
    lost = dynamodb.scan(TableName=table)["Items"][0]["pk"]
    dynamodb.delete_item(TableName=table, Key={"pk": lost})
    damaged = run("doctor", port=port)

    assert (healthy.returncode, healthy.stdout) == (0, "Nothing is wrong with it.\n"), healthy.stdout + healthy.stderr
    assert damaged.returncode == 1
    assert lost["S"] in damaged.stdout
    assert damaged.stdout.endswith("Findings: 1\n")


def test_what_cannot_be_looked_at_or_restored_is_said_by_the_exit_code(stack: Stack) -> None:
    nowhere, no_moment = run("doctor", port=9), run("restore", "yesterday", port=urlsplit(stack.aws_url).port)
    too_early = run("restore", "2020-01-01T00:00:00Z", port=urlsplit(stack.aws_url).port)

    assert [nowhere.returncode, no_moment.returncode, too_early.returncode] == [2, 2, 2]
    assert "could not be looked at" in nowhere.stderr
    assert "MOMENT=" in no_moment.stderr
    assert "at the earliest" in too_early.stderr
