"""What breaks in a function is told to the log alone: where it broke, and never what was worked on."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
SECRET = "hunter2-4711"
BROKEN = """
import json
from signet.api.http_function import http_function
from signet.domain.errors import ChangedMeanwhileError

class Odd(Exception):
    def __repr__(self):
        return "Odd " + self.args[0]

def work(secret):
    {statement}

@http_function("GET /v1/health", answers={{200: None}}, public=True)
def lambda_handler(request):
    '''Break.'''
    work("{secret}")

answer = lambda_handler({{"requestContext": {{"requestId": "r-1"}}}}, None)
print("ANSWER " + json.dumps(answer))
"""


@pytest.mark.parametrize(
    "statement",
    [
        "raise ValueError(secret)",
        "raise KeyError(secret)",
        "raise Odd(secret)",
        "raise ChangedMeanwhileError(secret)",
        "raise ValueError('outside') from Odd(secret)",
        "int(secret)",
        "{}[secret]",
        "json.loads(secret)",
    ],
)
def test_what_broke_is_in_the_log_without_what_it_says(statement: str) -> None:
    printed = subprocess.run(
        [sys.executable, "-c", BROKEN.format(statement=statement, secret=SECRET)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "layers/signet")},
        capture_output=True,
        text=True,
        check=True,
    )
    *logged, answered = printed.stdout.splitlines()
    answer: dict[str, Any] = json.loads(answered.removeprefix("ANSWER "))
    broken = next(line for line in map(json.loads, logged) if line["message"] == "broken")

    assert answer["statusCode"] == 500
    assert json.loads(answer["body"])["code"] == "internal"
    assert SECRET not in printed.stdout + printed.stderr
    assert any(frame.endswith(" work") for frame in broken["at"])
    assert broken["error"].endswith(("Error", "Odd"))
