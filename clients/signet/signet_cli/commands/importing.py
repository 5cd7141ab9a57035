"""Importing many certificate files, with what came of each."""

from __future__ import annotations

import base64
import getpass
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.progress import Progress

from signet_cli.client import Client, path_of
from signet_cli.errors import CommandError, ExitCode, ProblemError
from signet_cli.output import Column, Format, say, show, words
from signet_cli.signing import read_certificate_file, read_small_file

MAX_KEY_BYTES = 64 * 1024
_ASKS_FOR_PASSWORD = frozenset({"password_required", "wrong_password"})


@dataclass(frozen=True)
class ImportSettings:
    """What is the same for every file."""

    alias: str | None = None
    description: str | None = None
    owner: str | None = None
    groups: tuple[str, ...] = ()
    ask_for_reason: bool = False
    pin: str | None = field(default=None, repr=False)
    private_key: Path | None = None
    password_on_standard_input: bool = False

    def body(self, content: bytes, password: str | None) -> dict[str, Any]:
        """What the service is asked."""
        key = None
        if self.private_key is not None:
            key = read_small_file(self.private_key, MAX_KEY_BYTES, "any private key").decode("ascii", "replace")
        given = {
            "content": base64.b64encode(content).decode(),
            "password": password,
            "private_key": key,
            "alias": self.alias,
            "description": self.description,
            "owner": self.owner,
            "groups": list(self.groups) or None,
            "ask_for_reason": self.ask_for_reason or None,
            "pin": self.pin,
        }
        return {name: value for name, value in given.items() if value is not None}


class _SomeRefusedError(CommandError):
    """Some did not come in; the exit code is that of the first."""

    def __init__(self, message: str, exit_code: ExitCode) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def import_files(client: Client, files: Sequence[Path], settings: ImportSettings, output: Format) -> None:
    """Import `files` one after the other, and tell what came of each.

    Raises:
        CommandError: at least one did not come in.
    """
    password = sys.stdin.readline().rstrip("\r\n") if settings.password_on_standard_input else None
    results: list[dict[str, Any]] = []
    with Progress(console=words, transient=True, disable=len(files) == 1 or not sys.stderr.isatty()) as progress:
        task = progress.add_task("Importing", total=len(files))
        for path in files:
            result, password = _imported(client, path, settings, password, progress)
            results.append({"file": str(path), **result})
            progress.advance(task)
    columns = (
        Column("FILE", lambda item: item["file"]),
        Column("OUTCOME", lambda item: item["outcome"]),
        Column("ALIAS", lambda item: item.get("alias")),
        Column("WHY", lambda item: item.get("why")),
    )
    show(results, columns, output, name="alias")
    failed = [item for item in results if item["outcome"] == "failed"]
    if len(files) > 1:
        say(f"{len(files) - len(failed)} of {len(files)} are under management.")
    if failed:
        raise _SomeRefusedError(f"{len(failed)} of {len(files)} did not come in.", failed[0]["exit_code"])


def _imported(
    client: Client, path: Path, settings: ImportSettings, password: str | None, progress: Progress
) -> tuple[Mapping[str, Any], str | None]:
    """What came of one file, and the password to try on the next."""
    try:
        content = read_certificate_file(path)
    except CommandError as error:
        return _failed(error), password
    while True:
        try:
            overview = client.post(path_of("certificates"), settings.body(content, password))
        except ProblemError as error:
            if error.code == "certificate_exists":
                return {"outcome": "there already"}, password
            if error.code not in _ASKS_FOR_PASSWORD or not sys.stdin.isatty() or settings.password_on_standard_input:
                return _failed(error), password
            progress.stop()
            password = getpass.getpass(f"Password of {path} (empty to pass over): ")
            progress.start()
            if not password:
                return _failed(error), None
        else:
            return {"outcome": "imported", "alias": overview["alias"], "id": overview["id"]}, password


def _failed(error: CommandError) -> dict[str, Any]:
    return {"outcome": "failed", "why": str(error), "exit_code": error.exit_code}
