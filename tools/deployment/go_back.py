"""`make go-back`: every function answers with the release before, or with the one that is named.

It moves the alias `live` of each function to the version of that release. Routes, authorizers, schedules and event
source mappings lead to the alias, so nothing else changes. What it does not take back: data, tables, roles, alarms and
all else that the template makes, and a list of issuers in the Parameter Store.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tools.deployment.profile import Profile, ProfileError
from tools.deployment.release import release_in
from tools.deployment.stack_resources import resources_of

ALIAS = "live"


class NoWayBackError(Exception):
    """There is nothing to go back to, or it is not clear to what; the message says why."""


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions of one function."""

    function: str
    live: int
    """The version that the alias names."""
    releases: Mapping[int, str]
    """The release of each version that has one, by the version's number."""

    @property
    def live_release(self) -> str:
        """The release that is answering; empty where its version names none."""
        return self.releases.get(self.live, "")

    @property
    def before(self) -> set[str]:
        """The releases that the function had before the one that is live."""
        return {release for version, release in self.releases.items() if version < self.live} - {self.live_release}

    def version_of(self, release: str) -> int | None:
        """The newest version of `release`, or None."""
        return max((version for version, each in self.releases.items() if each == release), default=None)


def versions_of(client: Any, function: str) -> Versions:
    """What Lambda knows of `function`."""
    releases = {}
    for page in client.get_paginator("list_versions_by_function").paginate(FunctionName=function):
        for each in page["Versions"]:
            release = release_in(each.get("Description", ""))
            if each["Version"] != "$LATEST" and release is not None:
                releases[int(each["Version"])] = release
    live = client.get_alias(FunctionName=function, Name=ALIAS)["FunctionVersion"]
    return Versions(function, int(live), releases)


def release_before(functions: list[Versions]) -> str:
    """The newest release, before the one that is live, which all functions had that existed then.

    A deployment that failed half-way left versions of some functions alone, and is passed over.

    Raises:
        NoWayBackError: functions are at different releases, or there is none before.
    """
    live = sorted({each.live_release for each in functions})
    if len(live) > 1:
        raise NoWayBackError(f"functions are at different releases ({', '.join(live)}); say to which: RELEASE=...")
    older = [each for each in functions if each.before]
    if not older:
        raise NoWayBackError("there is no release before this one")
    common = set.intersection(*(each.before for each in older))
    if not common:
        raise NoWayBackError("no release before this one has all functions; say to which: RELEASE=...")
    return max(common, key=lambda release: max(each.version_of(release) or 0 for each in older))


def go_back(client: Any, names: list[str], release: str | None = None) -> tuple[str, list[str]]:
    """Move the alias of each function to `release`, or else to the release before the one that is live.

    All is looked at before anything is moved, and to run it again does what is left.

    Returns:
        The release, and the functions that have no version of it and stay as they are.

    Raises:
        NoWayBackError: there is nothing to go back to.
    """
    functions = [versions_of(client, name) for name in sorted(names)]
    target = release or release_before(functions)
    wanted = [(each, each.version_of(target)) for each in functions]
    if not any(version for _, version in wanted):
        raise NoWayBackError(f"no function has a version of release {target}")
    for each, version in wanted:
        if version is not None and version != each.live:
            client.update_alias(FunctionName=each.function, Name=ALIAS, FunctionVersion=str(version))
    return target, [each.function for each, version in wanted if version is None]


def functions_of(cloudformation: Any, profile: Profile) -> list[str]:
    """The names of the functions that are deployed.

    Raises:
        NoWayBackError: there is no such deployment.
    """
    resources = resources_of(cloudformation, profile.stack)
    if resources is None:
        raise NoWayBackError(f"there is no stack {profile.stack} in {profile.region}")
    return [name for kind, name in resources.values() if kind == "AWS::Lambda::Function"]


def main(arguments: list[str]) -> int:
    """Go back, and say where things are now."""
    parser = argparse.ArgumentParser(prog="make go-back")
    parser.add_argument("config", type=Path)
    parser.add_argument("profile")
    parser.add_argument("release", nargs="?", default="")
    asked = parser.parse_args(arguments)
    try:
        profile = Profile.read(asked.config, asked.profile)
        session = boto3.Session(region_name=profile.region)
        names = functions_of(session.client("cloudformation"), profile)
        # Fifteen calls of the control plane a second are allowed (Lambda quotas): what is too many is sent again.
        client = session.client("lambda", config=Config(retries={"mode": "adaptive", "total_max_attempts": 10}))
        was = sorted({versions_of(client, name).live_release for name in names})
        target, left = go_back(client, names, asked.release or None)
    except (ProfileError, NoWayBackError, BotoCoreError, ClientError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{profile.stack} answers with release {target}; it was {', '.join(was)}.")
    for function in left:
        print(f"{function} has no version of it and stays as it is.")
    print(f"To come forward again: make go-back PROFILE={profile.name} RELEASE={was[-1]}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
