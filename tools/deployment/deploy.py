"""`make deploy`: put what was built into the AWS account that the environment names, as a profile says."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from local.aws.template import REGION, STACK_NAME, Template, TemplateError
from tools.deployment.fixed_properties import faults, forgotten
from tools.deployment.profile import Profile, ProfileError
from tools.deployment.release import release_of
from tools.deployment.stack_resources import parameters_of, resources_of

LONGEST_NAME = 64
"""Of a function (Lambda API Reference, CreateFunction) and of a role (IAM API Reference, CreateRole)."""


class NotDeployableError(Exception):
    """What was built may not be deployed; the message says why."""


def longest_stack_name(template: Template, region: str) -> int:
    """How many letters the stack's name may have, so that no function's or role's name becomes too long."""

    def length(name: str) -> int:
        here = f"-{REGION}-"
        return len(name) - len(STACK_NAME) + (len(region) - len(REGION) if here in name else 0)

    return LONGEST_NAME - max(length(name) for name in _names(template))


def checked(profile: Profile, built: Path, session: Any) -> dict[str, str]:
    """All parameters of the template, after everything that can be known before was looked at.

    Nothing is written; what is deployed under the profile's name, if anything is, is asked for its shape.

    Raises:
        NotDeployableError: it may not be deployed.
        BotoCoreError, ClientError: what is deployed cannot be asked.
    """
    parameters = {**profile.parameters, "Release": release_of(built, profile.parameters)}
    try:
        template = Template.load(built / "template.yaml", parameters)
    except TemplateError as error:
        place = f"samconfig.toml, [{profile.name}.deploy.parameters.parameter_overrides]"
        raise NotDeployableError(f"{error} (parameters: {place})") from error
    longest = longest_stack_name(template, profile.region)
    if len(profile.stack) > longest:
        raise NotDeployableError(f"the name {profile.stack} is too long: in {profile.region} {longest} letters at most")
    cloudformation = session.client("cloudformation")
    deployed = resources_of(cloudformation, profile.stack)
    found = forgotten(parameters_of(cloudformation, profile.stack), parameters)
    found += faults(template, deployed or {}, dynamodb=session.client("dynamodb"), kms=session.client("kms"))
    if found:
        raise NotDeployableError("\n".join(["this cannot take the place of what is deployed:", *found]))
    return parameters


def _names(template: Template) -> Iterator[str]:
    for kind, key in (("AWS::Lambda::Function", "FunctionName"), ("AWS::IAM::Role", "RoleName")):
        for properties in template.of_type(kind).values():
            if key in properties:
                yield str(template.resolve(properties[key], lambda name, _: name))


def main(arguments: list[str]) -> int:
    """Check, and run `sam deploy`; its exit code."""
    parser = argparse.ArgumentParser(prog="make deploy")
    parser.add_argument("sam")
    parser.add_argument("built", type=Path)
    parser.add_argument("config", type=Path)
    parser.add_argument("profile")
    asked = parser.parse_args(arguments)
    try:
        profile = Profile.read(asked.config, asked.profile)
        parameters = checked(profile, asked.built, boto3.Session(region_name=profile.region))
    except (ProfileError, NotDeployableError) as error:
        print(f"Not deployed: {error}", file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError) as error:
        print(f"Not deployed: what is there cannot be compared: {error}", file=sys.stderr)
        return 1
    # In a file of their own, since SAM splits what stands in a command line at quotation marks. JSON is YAML, too.
    given = asked.built.parent / "parameters.yaml"
    given.write_text(json.dumps(parameters, indent=1), encoding="utf-8")
    print(f"Release {parameters['Release']} of {profile.stack}, {profile.region}", flush=True)
    command = [asked.sam, "deploy", "--template-file", str(asked.built / "template.yaml")]
    command += ["--config-file", str(asked.config.resolve()), "--config-env", profile.name, "--region", profile.region]
    command += ["--parameter-overrides", f"file://{given.resolve()}"]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
