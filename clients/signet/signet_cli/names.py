"""Names that the shell completes, live from the service; where something goes wrong, none are offered."""

from __future__ import annotations

from collections.abc import Callable

import typer

from signet_cli.client import Client, path_of
from signet_cli.context import Context
from signet_cli.errors import CommandError

MOST_OFFERED = 50


def _client(context: typer.Context) -> Client:
    parameters = context.find_root().params
    return Context(parameters.get("profile"), parameters.get("address")).client


def _offered(kind: str, field: str) -> Callable[[typer.Context, str], list[str]]:
    def complete(context: typer.Context, incomplete: str) -> list[str]:
        query = {"q": incomplete} if kind == "certificates" and incomplete else {}
        try:
            found = list(_client(context).pages(path_of(kind), most=MOST_OFFERED, **query))
        except CommandError:
            return []
        names = [str(item[field]) for item in found]
        return [name for name in names if name.casefold().startswith(incomplete.casefold())]

    return complete


certificates = _offered("certificates", "alias")
groups = _offered("certificate-groups", "name")
policies = _offered("policies", "name")
roles = _offered("roles", "name")
requests = _offered("signing-requests", "id")
