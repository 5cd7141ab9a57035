"""Policies and roles as files: several in one file, YAML or JSON, each found again by its name."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import typer
import yaml

from signet_cli.client import Client, path_of
from signet_cli.errors import CommandError, ExitCode, ProblemError, UsageError
from signet_cli.output import Column, Format, say, show
from signet_cli.signing import read_small_file

MAX_FILE_BYTES = 4 * 1024 * 1024

_GIVEN_BY_THE_SERVICE = frozenset({"id", "version", "created_at", "created_by", "updated_at", "built_in"})


@dataclass(frozen=True)
class Planned:
    """One policy or role of a file, and what there is of it now."""

    name: str
    wanted: Mapping[str, Any]
    present: Mapping[str, Any] | None

    @property
    def is_there(self) -> bool:
        """Whether everything that the file says of it is so already."""
        return self.present is not None and not self.changes()

    def changes(self) -> dict[str, Any]:
        """The fields that differ from what is there."""
        present = self.present or {}
        return {key: value for key, value in self.wanted.items() if _plain(present.get(key)) != _plain(value)}

    def difference(self) -> Iterator[str]:
        """The lines of a unified diff, from what is there to what is wanted."""
        before = {key: self.present.get(key) for key in self.wanted} if self.present else None
        yield from difflib.unified_diff(
            _lines(before), _lines(self.wanted), f"{self.name} (now)", f"{self.name} (file)", lineterm=""
        )


def read_documents(path: Path, kind: str) -> list[dict[str, Any]]:
    """The policies or roles in a file: one, a list of them, YAML documents, or a mapping with the key `kind`.

    Raises:
        CommandError: it is neither YAML nor JSON, or something in it has no name.
    """
    content = read_small_file(path, MAX_FILE_BYTES, "4 MiB")
    try:
        read = list(yaml.safe_load_all(content.decode("utf-8-sig")))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} is neither YAML nor JSON: {error}") from error
    found: list[Any] = []
    for document in read:
        entries = document.get(kind, [document]) if isinstance(document, dict) else document
        found += entries if isinstance(entries, list) else [entries]
    for place, each in enumerate(found, 1):
        if not isinstance(each, dict) or not isinstance(each.get("name"), str):
            raise CommandError(f"{path}: entry {place} has no name.")
    names = [each["name"].casefold() for each in found]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"{path}: {name} stands in it twice.")
    return found


def plan(client: Client, kind: str, documents: list[dict[str, Any]]) -> list[Planned]:
    """What each document would change."""
    present = {str(item["name"]).casefold(): item for item in client.pages(path_of(kind))}
    references = _References(client)
    planned = []
    for each in documents:
        wanted = {key: value for key, value in each.items() if key not in _GIVEN_BY_THE_SERVICE}
        found = present.get(each["name"].casefold())
        if found is not None:
            found = references.as_in(wanted, found)
        planned.append(Planned(each["name"], wanted, found))
    return planned


class _References:
    """The certificates and groups that files name, where the service answers ids."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def as_in(self, wanted: Mapping[str, Any], present: Mapping[str, Any]) -> dict[str, Any]:
        """`present`, in which what `wanted` names is called as it is there."""
        found = dict(present)
        what, what_now = wanted.get("what"), present.get("what")
        if isinstance(what, Mapping) and isinstance(what_now, Mapping):
            certificates = self._certificate_names(_texts(what.get("certificates")))
            groups = self._group_names(_texts(what.get("groups")))
            found["what"] = {
                **what_now,
                "certificates": [certificates.get(each, each) for each in what_now.get("certificates", [])],
                "groups": [groups.get(each, each) for each in what_now.get("groups", [])],
            }
        over, over_now = wanted.get("certificate_groups"), present.get("certificate_groups")
        if isinstance(over, list) and isinstance(over_now, list):
            groups = self._group_names(_texts([each.get("group") for each in over if isinstance(each, Mapping)]))
            found["certificate_groups"] = [
                {**each, "group": groups.get(each["group"], each["group"])} for each in over_now
            ]
        return found

    def _certificate_names(self, written: list[str]) -> dict[str, str]:
        return {self._certificate_id(each): each for each in written if not each.startswith("crt_")}

    @cache  # noqa: B019 - as long as one run of the command
    def _certificate_id(self, name: str) -> str:
        try:
            return str(self._client.get(path_of("certificates", name))["id"])
        except ProblemError as error:
            if error.exit_code is not ExitCode.NOT_FOUND:
                raise
            return name  # The service says so when it is applied.

    def _group_names(self, written: list[str]) -> dict[str, str]:
        names = [each for each in written if not each.startswith("grp_")]
        return {self._group_ids.get(each.casefold(), each): each for each in names}

    @cached_property
    def _group_ids(self) -> dict[str, str]:
        return {str(each["name"]).casefold(): each["id"] for each in self._client.pages(path_of("certificate-groups"))}


def _texts(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def apply(client: Client, kind: str, planned: Planned) -> str:
    """Make it as the file says; what was done."""
    if planned.present is None:
        client.post(path_of(kind), planned.wanted)
        return "created"
    changes = planned.changes()
    if not changes:
        return "unchanged"
    client.patch(path_of(kind, planned.present["id"]), changes, version=planned.present["version"])
    return "changed"


def apply_file(client: Client, kind: str, path: Path, output: Format) -> None:
    """Make everything in the file as it says, and show what was done."""
    planned = plan(client, kind, read_documents(path, kind))
    results = [{"name": each.name, "outcome": apply(client, kind, each)} for each in planned]
    columns = (Column("NAME", lambda item: item["name"]), Column("OUTCOME", lambda item: item["outcome"]))
    show(results, columns, output)


def show_differences(client: Client, kind: str, path: Path) -> None:
    """Show what `apply_file` would change; exit code 1 where that is anything."""
    planned = plan(client, kind, read_documents(path, kind))
    differs = [each for each in planned if not each.is_there]
    for each in differs:
        print("\n".join(each.difference()))
    if differs:
        raise typer.Exit(ExitCode.LOCAL)
    say("Everything is as the file says.")


def _plain(value: Any) -> Any:
    """`value` as it compares: absent, an empty list and an empty object are the same, and lists have no order."""
    if isinstance(value, Mapping):
        inner = {key: _plain(each) for key, each in value.items()}
        return {key: each for key, each in inner.items() if each is not None} or None
    if isinstance(value, list):
        if all(isinstance(each, str) for each in value):
            return sorted(value) or None
        return sorted((_plain(each) for each in value), key=repr) or None
    return value


def _lines(value: Any) -> list[str]:
    if value is None:
        return []
    return str(yaml.safe_dump(_plain(value), sort_keys=True, allow_unicode=True)).splitlines()
