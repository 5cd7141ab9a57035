"""The README and the guide are a promise: their walks and commands are pasted into a shell here, and do what they say.

The shell has nothing of ours in its environment: PATH, an empty HOME, and what shifts the clock if anything does.
"""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from local.lambda_service.lambda_runtime import clock_environment
from local.stack import start
from tests.support.services.over_http import ADMINISTRATORS, Service

ROOT = Path(__file__).parents[3]
# Their blocks are run by tests/clients/test_recipes.py, which has the programs.
OF_PROGRAMS = {"recipes.md"}
DOCUMENTS = "\n".join(
    path.read_text()
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs/guide").glob("*.md")))
    if path.name not in OF_PROGRAMS
)
BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SET_UP = "-o .venv/.ready -o .tools/uv/.ready -o .tools/sam/.ready"
MARK = "--- end of block ---"
DEFAULT_ADDRESS = "http://127.0.0.1:3000"
DEFAULT_AWS_ADDRESS = "http://127.0.0.1:3001"
PKITS_ENDS = datetime(2030, 12, 31, tzinfo=UTC)
WHILE_PKITS_HOLDS = "2030-06-01T12:00:00Z"
WALKS = re.findall(r"<!-- (walk[ \w]*) -->", DOCUMENTS)
OF_THE_COMMAND = "walk of the command"

# What is only on a machine with GNU's tools, or is otherwise there than on a Mac.
ONLY_GNU = re.compile(
    r"(?<!openssl )base64|sed -i|sed -r|date -d|readlink -f|grep -P|stat -c|xargs -r|sha256sum|\bmktemp -p"
)


@pytest.fixture(scope="module")
def signet() -> Iterator[Service]:
    """A service of its own: what a walk leaves behind would be seen."""
    printed: list[str] = []
    with start(workers=4, log=printed.append) as stack:
        yield Service(stack, printed)


def pasted(script: str, signet: Service, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """What a shell makes of `script`, line by line, with the addresses of this service.

    What is set up is not set up again: this very test runs in it. `test_setting_up.py` does so elsewhere.
    """
    script = f'make() {{ command make {SET_UP} "$@"; }}\n{script}'
    script = script.replace(DEFAULT_ADDRESS, signet.stack.url).replace(DEFAULT_AWS_ADDRESS, signet.stack.aws_url)
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": str(home), **clock_environment(), **environment},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def blocks_outside_of_walks() -> list[str]:
    text = DOCUMENTS
    for walk in WALKS:
        text = text.split(f"<!-- {walk} -->")[0] + text.split(f"<!-- end of {walk} -->")[1]
    return [block for kind, block in BLOCK.findall(text) if kind == "sh"]


# --- the walks --------------------------------------------------------------------------------------------------------


def steps_of(walk: str) -> list[tuple[str, str | None]]:
    """Each `sh` block of a walk with the `text` block behind it, which is what it prints."""
    section = DOCUMENTS.split(f"<!-- {walk} -->")[1].split(f"<!-- end of {walk} -->")[0]
    steps: list[tuple[str, str | None]] = []
    for kind, text in BLOCK.findall(section):
        if kind == "sh":
            steps.append((text, None))
        else:
            commands, _ = steps.pop()
            steps.append((commands, text))
    return steps


def again_at(moment: str, test: str) -> None:
    """The test in a process whose clock, as that of all it starts, shows `moment`."""
    done = subprocess.run(
        [sys.executable, "-m", "tools.shifted_clock", moment, sys.executable, "-m", "pytest", "-q", "--no-cov", test],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def left_in(signet: Service) -> dict[str, Any]:
    """What somebody who looks round afterwards would find."""
    client = signet.stack.client
    rules = client("events").list_rules(EventBusName="signet")["Rules"]
    return {
        "certificates": signet.caller("admin", ADMINISTRATORS).items("/certificates"),
        "requests": signet.caller("admin", ADMINISTRATORS).items("/signing-requests", status="pending"),
        "queues": sorted(client("sqs").list_queues().get("QueueUrls", [])),
        "rules": sorted(rule["Name"] for rule in rules),
        "subscriptions": client("sns").list_subscriptions()["Subscriptions"],
        "files": sorted(path.name for path in ROOT.iterdir() if not path.name.startswith(".")),
    }


@pytest.mark.clock
@pytest.mark.soak
@pytest.mark.parametrize("walk", WALKS)
def test_every_line_of_a_walk_does_what_is_written_twice_and_leaves_nothing(
    walk: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    steps = steps_of(walk)
    assert steps
    if "PKITS" in str(steps) and datetime.now(UTC) >= PKITS_ENDS:
        again_at(WHILE_PKITS_HOLDS, request.node.nodeid)
        return
    signet: Service = request.getfixturevalue("signet")
    before = left_in(signet)
    for _ in range(2):
        done = pasted(f"\necho '{MARK}'\n".join(commands for commands, _ in steps), signet, tmp_path)

        assert done.returncode == 0, done.stderr
        printed = [each.strip("\n") for each in done.stdout.split(MARK)]
        for (commands, expected), found in zip(steps, printed, strict=True):
            lines = [line.rstrip() for line in found.splitlines()]
            assert lines == (expected or "").splitlines(), commands
    assert left_in(signet) == before
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("walk", [walk for walk in WALKS if walk != OF_THE_COMMAND])
def test_a_refusal_in_a_walk_shows_what_the_service_says(walk: str, signet: Service, tmp_path: Path) -> None:
    first = steps_of(walk)[0][0].split("W=$(mktemp")[0]
    refused = 'curl -s $SIGNET/v1/me -H "Authorization: Bearer none" | field user'

    done = pasted(f"{first}\n{refused}", signet, tmp_path)

    assert done.returncode != 0
    assert "urn:signet:problem:" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("walk", WALKS)
def test_a_walk_needs_nothing_that_only_gnu_has(walk: str) -> None:
    assert not [line for commands, _ in steps_of(walk) for line in commands.splitlines() if ONLY_GNU.search(line)]


# --- the other commands -----------------------------------------------------------------------------------------------


@pytest.fixture
def aws(tmp_path: Path, signet: Service) -> dict[str, str]:
    """An environment in which `aws` is the stand-in of `tests/support/programs`, before the local stack."""
    command = tmp_path / "bin" / "aws"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tests.support.programs.aws_command "$@"\n')
    command.chmod(0o755)
    endpoints = {
        "ENDPOINT_OF_LAMBDA": signet.stack.url,
        "ENDPOINT_OF_EVENTS": signet.stack.aws_url,
        "ENDPOINT_OF_SNS": signet.stack.aws_url,
    }
    keys = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_DEFAULT_REGION": "us-east-1"}
    path = f"{command.parent}{os.pathsep}{os.environ['PATH']}"
    return {"PATH": path, "PYTHONPATH": f"{ROOT}", **endpoints, **keys}


def the_block(start: str) -> str:
    (found,) = (block for block in blocks_outside_of_walks() if block.startswith(start))
    return found


def test_the_expiry_check_is_run_by_hand_as_is_written(signet: Service, aws: dict[str, str], tmp_path: Path) -> None:
    done = pasted(
        the_block("aws lambda invoke").replace("/dev/stdout", str(tmp_path / "told")), signet, tmp_path, **aws
    )

    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "told").read_text())["failed"] == 0
    assert json.loads(done.stdout) == {"StatusCode": 200, "ExecutedVersion": "$LATEST"}


def test_a_rule_for_what_expires_is_taken_as_is_written(signet: Service, aws: dict[str, str], tmp_path: Path) -> None:
    done = pasted(the_block("aws events put-rule"), signet, tmp_path, **aws)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["RuleArn"].endswith("/ours-expire")
    signet.stack.client("events").delete_rule(Name="ours-expire", EventBusName="signet")


def test_a_team_subscribes_to_its_own_mail_as_is_written(signet: Service, aws: dict[str, str], tmp_path: Path) -> None:
    sns = signet.stack.client("sns")
    (topic,) = (each["TopicArn"] for each in sns.list_topics()["Topics"] if "ExpiryTopic" in each["TopicArn"])

    done = pasted(the_block("aws sns subscribe"), signet, tmp_path, TOPIC=topic, **aws)

    assert done.returncode == 0, done.stderr
    (made,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    attributes = sns.get_subscription_attributes(SubscriptionArn=made["SubscriptionArn"])["Attributes"]
    sns.unsubscribe(SubscriptionArn=made["SubscriptionArn"])
    assert json.loads(attributes["FilterPolicy"]) == {"groups": ["Release"], "stage": [{"numeric": ["<=", 30]}]}


def test_automation_calls_in_as_is_written(signet: Service, aws: dict[str, str], tmp_path: Path) -> None:
    done = pasted(the_block("aws events put-events"), signet, tmp_path, **aws)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["FailedEntryCount"] == 0


@pytest.mark.parametrize("span", ["", "FROM=2026-11-22T00:00:00Z TO=2026-11-22T12:00:00Z"])
def test_what_was_set_aside_is_announced_again_as_is_written(signet: Service, span: str, tmp_path: Path) -> None:
    command = f"make redrive {span}".rstrip()
    assert f"`{command}`" in re.sub(r"\s+", " ", DOCUMENTS)

    done = pasted(command, signet, tmp_path, PORT=signet.stack.url.rpartition(":")[2])

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["left"] == 0


def test_make_shows_what_there_is_and_has_all_that_is_named(signet: Service, tmp_path: Path) -> None:
    done = pasted("make", signet, tmp_path)

    assert done.returncode == 0, done.stderr
    targets = set(re.findall(r"^make ([\w-]+) ", done.stdout, re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z][\w-]*)", DOCUMENTS, re.MULTILINE))
    assert named <= targets
    assert {"run", "test", "packaging", "soak", "check", "build", "deploy"} <= targets


@pytest.mark.soak
def test_the_tests_run_by_the_readmes_own_command(signet: Service, tmp_path: Path) -> None:
    """`make test` as a whole is what runs this; here it is given one module to run."""
    assert "make test " in the_block("make run")

    done = pasted("make test ARGS='--no-cov tests/unit/events/test_expiry_stages.py'", signet, tmp_path)

    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert " passed in " in done.stdout


def test_a_deployment_is_built_compared_and_handed_to_sam(signet: Service, aws: dict[str, str], tmp_path: Path) -> None:
    """Before a `sam` that only writes down what it is asked; `tests/packaging` runs `make build` with the real one."""
    sam = tmp_path / "sam"
    asked = tmp_path / "asked"
    sam.write_text(
        f'#!/bin/sh\necho "$@" >> {shlex.quote(str(asked))}\n'
        'if [ "$1" = build ]; then mkdir -p "$3"; cp template.yaml "$3"; fi\n'
    )
    sam.chmod(0o755)
    block = the_block("make build")
    commands = [line.split("#")[0].strip() for line in block.splitlines()]
    assert commands == ["make build", "make deploy"]

    built, config = tmp_path / "built", tmp_path / "samconfig.toml"
    config.write_text(
        '[trial.deploy.parameters]\nstack_name = "signet-trial"\n[trial.deploy.parameters.parameter_overrides]\n'
        'TrustedIssuers = "[]"\nAdministratorGroup = "corp/administrators"\n'
    )

    given = f"SAM={sam} BUILD_DIR={built} SAM_CONFIG={config}"
    account = {**aws, "AWS_ENDPOINT_URL": signet.stack.aws_url}  # Moto's, which has no such stack yet
    done = pasted("\n".join(f"{each} {given}" for each in commands), signet, tmp_path, **account)

    assert done.returncode == 0, done.stderr
    build = ["validate --lint", f"build --build-dir {built}"]
    deploy = (
        f"deploy --template-file {built}/template.yaml --config-file {config} --config-env trial --region us-east-1"
    )
    overrides = f"--parameter-overrides file://{tmp_path}/parameters.yaml"
    assert asked.read_text().splitlines() == [*build, *build, f"{deploy} {overrides}"]


def test_every_command_that_is_written_down_is_run_by_a_test() -> None:
    """A command that is added needs a test of its own: `make run` has test_starting_and_ending.py, cosign its own."""
    begins = {block.splitlines()[0].split("#")[0].strip() for block in blocks_outside_of_walks()}

    assert {" ".join(each.split()[:3]) for each in begins} == {
        "make run",
        "aws lambda invoke",
        "aws events put-rule",
        "aws events put-events",
        "aws sns subscribe",
        "make build",
        "export AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=any",
    }
