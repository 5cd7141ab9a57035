"""signet policies: who may sign with what, from where and when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from signet_cli import names
from signet_cli.client import path_of
from signet_cli.commands import documents
from signet_cli.commands.groups import named
from signet_cli.context import Output, Yes, client_of
from signet_cli.output import Column, Format, print_json, say, show, show_one

app = typer.Typer(no_args_is_help=True, help="Policies: apply files of them, and explain what they decide.")

Policy = Annotated[str, typer.Argument(help="By name or id.", autocompletion=names.policies)]
File = Annotated[Path, typer.Option("--file", "-f", help="YAML or JSON, several policies in one")]

COLUMNS = (
    Column("PRIORITY", lambda item: item["priority"]),
    Column("NAME", lambda item: item["name"]),
    Column("ACTION", lambda item: item["action"]),
    Column("ENABLED", lambda item: item["enabled"]),
    Column("WHAT", lambda item: _count(item["what"])),
    Column("WHO", lambda item: [*item["who"].get("users", []), *item["who"].get("user_groups", [])]),
)


def _count(what: dict[str, list[Any]]) -> str:
    kinds = (("certificates", "certificate"), ("groups", "group"))
    found = [(len(what.get(field) or []), word) for field, word in kinds]
    return ", ".join(f"{number} {word}{'' if number == 1 else 's'}" for number, word in found if number)


@app.command("list")
def list_policies(context: typer.Context, output: Output = Format.TABLE) -> None:
    """List policies in the order in which they are asked."""
    show(client_of(context).pages(path_of("policies")), COLUMNS, output)


@app.command("show")
def show_policy(context: typer.Context, policy: Policy, output: Output = Format.TABLE) -> None:
    """Show one policy."""
    show_one(named(client_of(context), "policies", "pol_", policy), output)


@app.command()
def apply(context: typer.Context, file: File, output: Output = Format.TABLE) -> None:
    """Make policies as a file says, by name: what is there is changed, what is missing is made."""
    documents.apply_file(client_of(context), "policies", file, output)


@app.command()
def diff(context: typer.Context, file: File) -> None:
    """Show what apply would change; exit code 1 where that is anything."""
    documents.show_differences(client_of(context), "policies", file)


@app.command()
def explain(
    context: typer.Context,
    certificate: Annotated[str, typer.Argument(help="By alias or id", autocompletion=names.certificates)],
    user: Annotated[str, typer.Option(help="Such as corp/alice")],
    user_group: Annotated[list[str] | None, typer.Option(help="May be repeated")] = None,
    process: Annotated[str | None, typer.Option(help="The program")] = None,
    command_line: Annotated[str | None, typer.Option(help="Its command line")] = None,
    source_ip: Annotated[str | None, typer.Option(help="Where the request comes from")] = None,
    at: Annotated[str | None, typer.Option(help="A moment, such as 2027-01-31T09:00:00Z")] = None,
    output: Output = Format.TABLE,
) -> None:
    """Could somebody sign with a certificate, and which policy decides? Nothing is decided by asking."""
    application = {"process": process, "command_line": command_line}
    given: dict[str, Any] = {
        "certificate": certificate,
        "user": user,
        "user_groups": user_group,
        "application": {key: value for key, value in application.items() if value is not None} or None,
        "source_ip": source_ip,
        "at": at,
    }
    body = {key: value for key, value in given.items() if value is not None}
    answer = client_of(context).post(path_of("policies", "explain"), body)
    show_explanation(answer, output)


def show_explanation(answer: dict[str, Any], output: Format) -> None:
    """Print what explain answers."""
    if output is not Format.TABLE:
        print_json(answer)
        return
    say(f"{'Allowed' if answer['allowed'] else 'Refused'}, because of {answer['because']}.")
    parts = [Column(part.upper(), _matched(part)) for part in ("what", "who", "where", "when")]
    columns = (
        Column("PRIORITY", lambda item: item["priority"]),
        Column("POLICY", lambda item: item["policy"]),
        Column("ACTION", lambda item: item["action"]),
        *parts,
        Column("VERDICT", lambda item: item["verdict"]),
    )
    show(answer["trace"], columns, output, name="policy")


def _matched(part: str) -> Callable[[Mapping[str, Any]], Any]:
    return lambda item: item["matched"][part]


@app.command()
def enable(context: typer.Context, policy: Policy) -> None:
    """Let it be asked again."""
    _switch(context, policy, enabled=True)


@app.command()
def disable(context: typer.Context, policy: Policy) -> None:
    """Pass it over from now on."""
    _switch(context, policy, enabled=False)


@app.command()
def delete(context: typer.Context, policy: Policy, yes: Yes = False) -> None:
    """Delete a policy."""
    client = client_of(context)
    found = named(client, "policies", "pol_", policy)
    if not yes:
        typer.confirm(f"Delete the policy {found['name']}?", abort=True, err=True)
    client.delete(path_of("policies", found["id"]), version=found["version"])
    say(f"The policy {found['name']} is gone.")


def _switch(context: typer.Context, policy: str, *, enabled: bool) -> None:
    client = client_of(context)
    found = named(client, "policies", "pol_", policy)
    client.patch(path_of("policies", found["id"]), {"enabled": enabled}, version=found["version"])
    say(f"The policy {found['name']} is {'enabled' if enabled else 'disabled'}.")
