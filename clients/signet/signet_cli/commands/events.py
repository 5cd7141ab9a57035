"""signet events, signet why: the audit record."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from signet_cli import names
from signet_cli.client import Client, path_of
from signet_cli.commands.policies import show_explanation
from signet_cli.context import Output, client_of
from signet_cli.errors import UsageError
from signet_cli.output import Column, Format, print_json, printable, say, show

FOLLOW_SECONDS = 2.0
FOLLOWED_AT_ONCE = 200

COLUMNS = (
    Column("TIME", lambda item: item["occurred_at"]),
    Column("TYPE", lambda item: item["type"]),
    Column("OUTCOME", lambda item: item["outcome"] if item["outcome"] == "done" else item.get("code")),
    Column("USER", lambda item: item["user"]),
    Column("CERTIFICATE", lambda item: (item.get("certificate") or {}).get("alias")),
    Column("REASON", lambda item: item["detail"].get("reason")),
    Column("ID", lambda item: item["id"]),
)


def events(
    context: typer.Context,
    certificate: Annotated[str | None, typer.Option(help="By alias or id", autocompletion=names.certificates)] = None,
    kind: Annotated[str | None, typer.Option("--type", help='Such as "Certificate Used"')] = None,
    user: Annotated[str | None, typer.Option(help="Such as corp/alice")] = None,
    outcome: Annotated[str | None, typer.Option(help="done or refused")] = None,
    since: Annotated[str | None, typer.Option("--from", help="A moment, such as 2027-01-01T00:00:00Z")] = None,
    until: Annotated[str | None, typer.Option("--to")] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Show so many at most")] = 50,
    follow: Annotated[bool, typer.Option("--follow", help="Go on, with what happens from now on")] = False,
    output: Output = Format.TABLE,
) -> None:
    """What happened, newest first."""
    client = client_of(context)
    query = {"certificate": certificate, "type": kind, "user": user, "outcome": outcome, "from_": since, "to": until}
    if not follow:
        show(client.pages(path_of("events"), most=limit, **query), COLUMNS, output, name="id")
        return
    if until is not None:
        raise UsageError("--follow and --to exclude each other.")
    if output is Format.CSV:
        raise UsageError("--follow prints a table, JSON or names.")
    for event in _followed(client, query):
        if output is Format.JSON:
            print_json(event)
        elif output is Format.NAME:
            print(event["id"], flush=True)
        else:
            print(printable("  ".join(str(column.value(event) or "-") for column in COLUMNS)), flush=True)


def why(
    context: typer.Context,
    event: Annotated[str, typer.Argument(help="Its id, evt_...")],
    output: Output = Format.TABLE,
) -> None:
    """Why a use was allowed or refused: the policies as they are now, asked about it again."""
    client = client_of(context)
    found = client.get(path_of("events", event))
    certificate = (found.get("certificate") or {}).get("id")
    if not found["type"].startswith("Certificate Use") or certificate is None:
        raise UsageError("Only the use of a certificate, or its refusal, can be explained.")
    detail = found["detail"]
    given = {
        "certificate": certificate,
        "user": found["user"],
        "user_groups": detail.get("user_groups"),
        "application": detail.get("application"),
        "source_ip": found.get("source_ip") or None,
        "at": found["occurred_at"],
    }
    outcome = "allowed" if found["outcome"] == "done" else f"refused as {found.get('code')}"
    say(f"{found['user']} was {outcome} at {found['occurred_at']}. As the policies are now:")
    body = {key: value for key, value in given.items() if value is not None}
    show_explanation(client.post(path_of("policies", "explain"), body), output)


def _followed(client: Client, query: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What happens from now on, oldest first, without end. Lists may lag, so what is new is told by its id."""
    seen = {item["id"] for item in client.pages(path_of("events"), most=FOLLOWED_AT_ONCE, **query)}
    newest = max(seen, default="")
    while True:
        fresh = []
        for item in client.pages(path_of("events"), **query):
            if item["id"] in seen or item["id"] < newest:
                break
            fresh.append(item)
        for item in reversed(fresh):
            seen.add(item["id"])
            yield item
        newest = max(newest, *(item["id"] for item in fresh)) if fresh else newest
        time.sleep(FOLLOW_SECONDS)
