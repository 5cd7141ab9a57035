"""signet roles: who may manage what."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from signet_cli import names
from signet_cli.client import path_of
from signet_cli.commands import documents
from signet_cli.commands.groups import named
from signet_cli.context import Output, Yes, client_of
from signet_cli.output import Column, Format, say, show, show_one

app = typer.Typer(no_args_is_help=True, help="Roles: what people may manage.")

Role = Annotated[str, typer.Argument(help="By name or id.", autocompletion=names.roles)]
File = Annotated[Path, typer.Option("--file", "-f", help="YAML or JSON, several roles in one")]

COLUMNS = (
    Column("PRIORITY", lambda item: item["priority"]),
    Column("NAME", lambda item: item["name"]),
    Column("PERMISSIONS", lambda item: len(item["permissions"])),
    Column("GROUPS", lambda item: "all" if item["certificate_groups"] == "all" else len(item["certificate_groups"])),
    Column("HELD BY", lambda item: [*item["users"], *item["user_groups"]]),
)


@app.command("list")
def list_roles(context: typer.Context, output: Output = Format.TABLE) -> None:
    """List roles."""
    show(client_of(context).pages(path_of("roles")), COLUMNS, output)


@app.command("show")
def show_role(context: typer.Context, role: Role, output: Output = Format.TABLE) -> None:
    """Show one role."""
    show_one(named(client_of(context), "roles", "rol_", role), output)


@app.command()
def apply(context: typer.Context, file: File, output: Output = Format.TABLE) -> None:
    """Make roles as a file says, by name."""
    documents.apply_file(client_of(context), "roles", file, output)


@app.command()
def diff(context: typer.Context, file: File) -> None:
    """Show what apply would change; exit code 1 where that is anything."""
    documents.show_differences(client_of(context), "roles", file)


@app.command()
def delete(context: typer.Context, role: Role, yes: Yes = False) -> None:
    """Delete a role; nobody has it any more."""
    client = client_of(context)
    found = named(client, "roles", "rol_", role)
    if not yes:
        typer.confirm(f"Delete the role {found['name']}?", abort=True, err=True)
    client.delete(path_of("roles", found["id"]), version=found["version"])
    say(f"The role {found['name']} is gone.")
