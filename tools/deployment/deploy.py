"""`make deploy`: put what was built into the AWS account that the environment names, as a profile says."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

from local.aws.template import Template, TemplateError
from tools.deployment.profile import Profile, ProfileError
from tools.deployment.release import release_of


class NotDeployableError(Exception):
    """What was built may not be deployed; the message says why."""


def checked(profile: Profile, built: Path) -> dict[str, str]:
    """All parameters of the template, after everything that can be known before was looked at.

    Raises:
        NotDeployableError: it may not be deployed.
    """
    parameters = {**profile.parameters, "Release": release_of(built, profile.parameters)}
    try:
        Template.load(built / "template.yaml", parameters)
    except TemplateError as error:
        place = f"samconfig.toml, [{profile.name}.deploy.parameters.parameter_overrides]"
        raise NotDeployableError(f"{error} (parameters: {place})") from error
    return parameters


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
        parameters = checked(profile, asked.built)
    except (ProfileError, NotDeployableError) as error:
        print(error, file=sys.stderr)
        return 1
    # In a file of their own, since SAM splits what stands in a command line at quotation marks. JSON is YAML, too.
    given = asked.built.parent / "parameters.yaml"
    given.write_text(json.dumps(parameters, indent=1), encoding="utf-8")
    print(f"Release {parameters['Release']} of {profile.stack}, {profile.region}")
    command = [asked.sam, "deploy", "--template-file", str(asked.built / "template.yaml")]
    command += ["--config-file", str(asked.config.resolve()), "--config-env", profile.name, "--region", profile.region]
    command += ["--parameter-overrides", f"file://{given.resolve()}"]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
