"""signet requests: signing requests, whose CSR a CA answers."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Annotated, Any

import typer

from signet_cli import names
from signet_cli.client import path_of
from signet_cli.context import Output, Yes, client_of
from signet_cli.output import Column, Format, say, show, show_one
from signet_cli.signing import read_certificate_file

app = typer.Typer(no_args_is_help=True, help="Signing requests: make, answer, cancel.")

Request = Annotated[str, typer.Argument(help="Its id, req_...", autocompletion=names.requests)]

COLUMNS = (
    Column("ID", lambda item: item["id"]),
    Column("STATUS", lambda item: item["status"]),
    Column("SUBJECT", lambda item: item["subject"]),
    Column("KEY", lambda item: item.get("key_algorithm")),
    Column("RENEWS", lambda item: item.get("renews")),
    Column("CREATED", lambda item: item.get("created_at")),
)


@app.command("list")
def list_requests(
    context: typer.Context,
    status: Annotated[str | None, typer.Option(help="pending, completed or cancelled")] = None,
    output: Output = Format.TABLE,
) -> None:
    """List signing requests, newest first."""
    show(client_of(context).pages(path_of("signing-requests"), status=status), COLUMNS, output, name="id")


@app.command("show")
def show_request(context: typer.Context, request: Request, output: Output = Format.TABLE) -> None:
    """Show one signing request."""
    show_one(client_of(context).get(path_of("signing-requests", request)), output, name="id")


@app.command()
def create(
    context: typer.Context,
    distinguished_name: Annotated[str, typer.Argument(help="The subject, RFC 4514: CN=Release,O=Acme,C=US")],
    key_algorithm: Annotated[str, typer.Option(help="Such as RSA_3072 or ECC_NIST_P256")] = "RSA_3072",
    alias: Annotated[str | None, typer.Option(help="What the certificate will be called")] = None,
    description: Annotated[str | None, typer.Option()] = None,
    owner: Annotated[str | None, typer.Option(help="A user such as corp/alice")] = None,
    group: Annotated[list[str] | None, typer.Option(help="May be repeated", autocompletion=names.groups)] = None,
    dns: Annotated[list[str] | None, typer.Option(help="A DNS name; may be repeated")] = None,
    email: Annotated[list[str] | None, typer.Option(help="A mail address; may be repeated")] = None,
    usage: Annotated[list[str] | None, typer.Option(help="Extended key usage, such as code_signing")] = None,
    output: Output = Format.TABLE,
) -> None:
    """Make a key pair that never leaves the service, and print its CSR for the CA."""
    alternative_names = {"dns": dns, "email": email}
    given: dict[str, Any] = {
        "key_algorithm": key_algorithm,
        "distinguished_name": distinguished_name,
        "alias": alias,
        "description": description,
        "owner": owner,
        "groups": group,
        "subject_alternative_names": {name: value for name, value in alternative_names.items() if value} or None,
        "extended_key_usage": usage,
    }
    body = {name: value for name, value in given.items() if value}
    made = client_of(context).post(path_of("signing-requests"), body)
    if output is Format.TABLE:
        say(f"The request is {made['id']}. Give its CSR to the CA:")
        print(made["csr"], end="")
    else:
        show_one(made, output, name="id")


@app.command()
def csr(context: typer.Context, request: Request) -> None:
    """Print its CSR, PEM."""
    print(client_of(context).download(path_of("signing-requests", request, "csr")).text, end="")


@app.command("answer")
def answer_request(
    context: typer.Context,
    request: Request,
    file: Annotated[Path, typer.Argument(help="What the CA issued, with its chain or without")],
    disable_renewed: Annotated[bool, typer.Option("--disable-renewed", help="Disable what it renews")] = False,
    output: Output = Format.TABLE,
) -> None:
    """Import the certificate that the CA issued for it."""
    content = read_certificate_file(file)
    body = {"content": base64.b64encode(content).decode(), **({"disable_renewed": True} if disable_renewed else {})}
    answer = client_of(context).post(path_of("signing-requests", request, "certificate"), body)
    for warning in answer.get("warnings", []):
        say(f"Warning: {warning.replace('_', ' ')}")
    show_one(answer, output, name="alias")


@app.command()
def cancel(context: typer.Context, request: Request, yes: Yes = False) -> None:
    """Cancel it, and destroy its key."""
    if not yes:
        typer.confirm(f"Cancel {request} and destroy its key?", abort=True, err=True)
    client_of(context).delete(path_of("signing-requests", request))
    say(f"{request} is cancelled.")
