"""`make undeploy`: take the stack away, and leave what holds data.

What the template retains stays: tables, keys, and the versions of layers. Nothing here deletes those, however it is
asked; docs/deploying.md says how it is done by hand.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError, WaiterError

from tools.deployment.profile import Profile, ProfileError
from tools.deployment.stack_resources import resources_of

STAYS = {
    "AWS::DynamoDB::Table": "$0.25 a GB and month, and $0.20 a GB and month for its backups",
    "AWS::KMS::Key": "$1 a month, and $1 more for each of its first two rotations",
    "AWS::Lambda::LayerVersion": "nothing; it counts towards the account's 75 GB of code",
}
"""The types that the template retains, and what one costs (list prices of us-east-1, November 2026)."""


def undeploy(cloudformation: Any, stack: str, confirm: Callable[[str], str], say: Callable[[str], None]) -> bool:
    """Delete `stack` once its name was typed; whether it is gone.

    `confirm` asks with a text and answers what was typed.
    """
    resources = resources_of(cloudformation, stack)
    if resources is None:
        say(f"There is no stack {stack}.")
        return False
    say(f"Of {stack} stays, and goes on to cost:")
    for name, (kind, physical) in sorted(resources.items()):
        if kind in STAYS:
            say(f"  {name} ({physical}): {STAYS[kind]}")
    gone = sum(kind not in STAYS for kind, _ in resources.values())
    say(f"{gone} other resources go: functions with all their versions, routes, roles, queues with what waits in them,")
    say("topics, alarms and the logs. Nothing can be signed any more, and another stack has another address.")
    if confirm(f"Type the name of the stack to delete it ({stack}): ").strip() != stack:
        say("Nothing was deleted.")
        return False
    cloudformation.delete_stack(StackName=stack)
    try:
        cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack)
    except WaiterError as error:
        say(f"It is not gone: {error}. The events of the stack say why; run it again when that is mended.")
        return False
    say(f"{stack} is gone. docs/deploying.md says how another stack goes on with its tables and its key.")
    return True


def main(arguments: list[str]) -> int:
    """Ask, and delete."""
    parser = argparse.ArgumentParser(prog="make undeploy")
    parser.add_argument("config", type=Path)
    parser.add_argument("profile")
    asked = parser.parse_args(arguments)
    try:
        profile = Profile.read(asked.config, asked.profile)
        cloudformation = boto3.Session(region_name=profile.region).client("cloudformation")
        return 0 if undeploy(cloudformation, profile.stack, _typed, print) else 1
    except (ProfileError, BotoCoreError, ClientError) as error:
        print(error, file=sys.stderr)
        return 1


def _typed(question: str) -> str:
    try:
        return input(question)
    except EOFError:  # nobody is there to answer
        return ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
