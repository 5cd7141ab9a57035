"""signet groups: certificate groups."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from signet_cli import names
from signet_cli.client import Client, path_of
from signet_cli.context import Output, Yes, client_of
from signet_cli.errors import CommandError, ExitCode, UsageError
from signet_cli.output import Column, Format, say, show, show_one

app = typer.Typer(no_args_is_help=True, help="Certificate groups.")

Group = Annotated[str, typer.Argument(help="By name or id.", autocompletion=names.groups)]

COLUMNS = (
    Column("NAME", lambda item: item["name"]),
    Column("CERTIFICATES", lambda item: item["certificate_count"]),
    Column("LIMIT", lambda item: item["certificate_limit"]),
    Column("DESCRIPTION", lambda item: item["description"]),
)


class NoSuchThingError(CommandError):
    """Nothing has the name."""

    exit_code = ExitCode.NOT_FOUND


def named(client: Client, kind: str, prefix: str, name: str) -> dict[str, Any]:
    """The group, policy or role called `name`, or with that id.

    Raises:
        NoSuchThingError: there is none.
    """
    if name.startswith(prefix):
        found: dict[str, Any] = client.get(path_of(kind, name))
        return found
    for item in client.pages(path_of(kind)):
        if str(item["name"]).casefold() == name.casefold():
            return item
    raise NoSuchThingError(f"Nothing is called {name} that you can see.")


@app.command("list")
def list_groups(context: typer.Context, output: Output = Format.TABLE) -> None:
    """List certificate groups."""
    show(client_of(context).pages(path_of("certificate-groups")), COLUMNS, output)


@app.command("show")
def show_group(context: typer.Context, group: Group, output: Output = Format.TABLE) -> None:
    """Show one group."""
    show_one(named(client_of(context), "certificate-groups", "grp_", group), output)


@app.command()
def create(
    context: typer.Context,
    name: Annotated[str, typer.Argument()],
    description: Annotated[str, typer.Option()] = "",
    limit: Annotated[int | None, typer.Option(help="How many certificates it may hold")] = None,
    output: Output = Format.TABLE,
) -> None:
    """Make a group."""
    body = {"name": name, "description": description, "certificate_limit": limit}
    show_one(client_of(context).post(path_of("certificate-groups"), body), output)


@app.command()
def update(
    context: typer.Context,
    group: Group,
    name: Annotated[str | None, typer.Option()] = None,
    description: Annotated[str | None, typer.Option()] = None,
    limit: Annotated[int | None, typer.Option(help="0 for none")] = None,
    output: Output = Format.TABLE,
) -> None:
    """Change its name, description or limit."""
    changes: dict[str, Any] = {"name": name, "description": description}
    changes = {key: value for key, value in changes.items() if value is not None}
    if limit is not None:
        changes["certificate_limit"] = limit or None
    if not changes:
        raise UsageError("Say what is to change.")
    client = client_of(context)
    found = named(client, "certificate-groups", "grp_", group)
    path = path_of("certificate-groups", found["id"])
    show_one(client.patch(path, changes, version=found["version"]), output)


@app.command()
def delete(context: typer.Context, group: Group, yes: Yes = False) -> None:
    """Delete a group; its certificates stay."""
    client = client_of(context)
    found = named(client, "certificate-groups", "grp_", group)
    if not yes:
        typer.confirm(f"Delete the group {found['name']}?", abort=True, err=True)
    client.delete(path_of("certificate-groups", found["id"]), version=found["version"])
    say(f"The group {found['name']} is gone.")
