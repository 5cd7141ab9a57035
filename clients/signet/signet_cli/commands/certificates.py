"""signet certificates: what is under management."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from signet_cli import names
from signet_cli.client import path_of
from signet_cli.commands.importing import ImportSettings, import_files
from signet_cli.commands.pins import given_pin
from signet_cli.context import Output, Yes, client_of
from signet_cli.errors import CommandError, UsageError
from signet_cli.output import Column, Format, print_json, say, show, show_one

app = typer.Typer(no_args_is_help=True, help="Certificates: look, import, enable, disable, renew, delete.")

Certificate = Annotated[str, typer.Argument(help="By alias or id.", autocompletion=names.certificates)]
Certificates = Annotated[list[str], typer.Argument(help="By alias or id.", autocompletion=names.certificates)]
MostShown = Annotated[int | None, typer.Option("--limit", min=1, help="Show so many at most.")]

_CHANGES_AT_ONCE = 500


def status_of(item: Mapping[str, Any]) -> str:
    """The status in its four parts."""
    info = item["status_info"]
    marks = [("has_owner", "owner"), ("pin_required", "PIN"), ("reason_required", "reason")]
    return ", ".join([str(item["status"]), *(text for name, text in marks if info[name])])


COLUMNS = (
    Column("ALIAS", lambda item: item["alias"]),
    Column("STATUS", status_of),
    Column("VALID TO", lambda item: item["valid_to"]),
    Column("EXPIRY", lambda item: f"{item['expiry']['state']} ({item['expiry']['days_left']} d)"),
    Column("USED", lambda item: item["usage_count"]),
    Column("LAST USE", lambda item: item["last_used_at"]),
    Column("OWNER", lambda item: item["owner"]),
    Column("GROUPS", lambda item: item["groups"]),
    Column("POLICIES", lambda item: item["policies"]),
)


@app.command("list")
def list_certificates(
    context: typer.Context,
    status: Annotated[str | None, typer.Option(help="enabled or disabled")] = None,
    expiry: Annotated[str | None, typer.Option(help="not_yet_valid, valid, expiring or expired")] = None,
    owner: Annotated[str | None, typer.Option(help="A user such as corp/alice, or none")] = None,
    group: Annotated[str | None, typer.Option(help="A certificate group", autocompletion=names.groups)] = None,
    starts_with: Annotated[str | None, typer.Option("--query", "-q", help="How the alias begins")] = None,
    contains: Annotated[str | None, typer.Option(help="Any part of alias, subject or issuer")] = None,
    thumbprint: Annotated[str | None, typer.Option(help="SHA-1 or SHA-256")] = None,
    serial_number: Annotated[str | None, typer.Option(help="Hexadecimal")] = None,
    expires_before: Annotated[str | None, typer.Option(help="A moment, such as 2027-01-31T00:00:00Z")] = None,
    usable: Annotated[bool, typer.Option("--usable", help="Only what you could sign with now")] = False,
    sort: Annotated[str, typer.Option(help="alias, valid_to or created_at")] = "alias",
    descending: Annotated[bool, typer.Option("--descending", help="The other way round")] = False,
    limit: MostShown = None,
    output: Output = Format.TABLE,
) -> None:
    """List certificates."""
    found = client_of(context).pages(
        path_of("certificates"),
        most=limit,
        status=status,
        expiry=expiry,
        owner=owner,
        group=group,
        q=starts_with,
        contains=contains,
        thumbprint=thumbprint,
        serial_number=serial_number,
        expires_before=expires_before,
        usable="true" if usable else None,
        sort=sort,
        order="desc" if descending else "asc",
    )
    show(found, COLUMNS, output, name="alias")


@app.command("show")
def show_certificate(context: typer.Context, certificate: Certificate, output: Output = Format.TABLE) -> None:
    """Show one certificate."""
    show_one(client_of(context).get(path_of("certificates", certificate)), output, name="alias")


@app.command()
def related(context: typer.Context, certificate: Certificate, output: Output = Format.TABLE) -> None:
    """Its groups, the policies about it, and whom those name."""
    show_one(client_of(context).get(path_of("certificates", certificate, "related")), output)


@app.command()
def details(context: typer.Context, certificate: Certificate, output: Output = Format.JSON) -> None:
    """Everything in the X.509."""
    show_one(client_of(context).get(path_of("certificates", certificate, "details")), output)


@app.command()
def events(
    context: typer.Context, certificate: Certificate, limit: MostShown = 50, output: Output = Format.TABLE
) -> None:
    """What happened to it, newest first."""
    from signet_cli.commands.events import COLUMNS as EVENT_COLUMNS

    found = client_of(context).pages(path_of("certificates", certificate, "events"), most=limit)
    show(found, EVENT_COLUMNS, output, name="id")


@app.command()
def download(
    context: typer.Context,
    certificate: Certificate,
    form: Annotated[str, typer.Option("--format", help="der, pem, pem_chain or pkcs7")] = "pem",
    target: Annotated[Path | None, typer.Option("--output", "-o", help="A file, or - for standard output")] = None,
) -> None:
    """Write the certificate to a file. Its private key never leaves the service."""
    answer = client_of(context).download(path_of("certificates", certificate, "download"), format=form)
    suffix = {"der": ".cer", "pem": ".pem", "pem_chain": "-chain.pem", "pkcs7": ".p7b"}.get(form, ".cer")
    safe = "".join(letter if letter.isalnum() or letter in "._-" else "_" for letter in certificate)
    path = target or Path(safe + suffix)
    if str(path) == "-":
        typer.get_binary_stream("stdout").write(answer.content)
        return
    try:
        path.write_bytes(answer.content)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}") from error
    say(f"Written to {path}.")


@app.command("import")
def import_certificates(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="PKCS#12, PKCS#7, PEM or DER")],
    alias: Annotated[str | None, typer.Option(help="What one file's certificate is to be called")] = None,
    description: Annotated[str | None, typer.Option(help="For all of them")] = None,
    owner: Annotated[str | None, typer.Option(help="A user such as corp/alice")] = None,
    group: Annotated[list[str] | None, typer.Option(help="May be repeated", autocompletion=names.groups)] = None,
    ask_for_reason: Annotated[bool, typer.Option("--ask-for-reason")] = False,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="The password is on standard input")] = False,
    private_key: Annotated[Path | None, typer.Option(help="The private key, PEM, where the file has none")] = None,
    pin_fd: Annotated[int | None, typer.Option("--pin-fd", help="Read the PIN from this file descriptor")] = None,
    output: Output = Format.TABLE,
) -> None:
    """Import certificate files. Run again, it goes on where it stopped: what is there already is passed over."""
    if len(files) > 1 and (alias is not None or private_key is not None):
        raise UsageError("--alias and --private-key are for one file.")
    settings = ImportSettings(
        alias=alias,
        description=description,
        owner=owner,
        groups=tuple(group or ()),
        ask_for_reason=ask_for_reason,
        # Not from SIGNET_PIN, which is there to sign with: nobody wants it on what is imported.
        pin=None if pin_fd is None else given_pin(pin_fd),
        private_key=private_key,
        password_on_standard_input=password_stdin,
    )
    import_files(client_of(context), files, settings, output)


@app.command()
def enable(context: typer.Context, certificates: Certificates, output: Output = Format.TABLE) -> None:
    """Let them be used again."""
    _apply(context, "enable", certificates, output)


@app.command()
def disable(context: typer.Context, certificates: Certificates, output: Output = Format.TABLE) -> None:
    """Let nobody use them, their owners included."""
    _apply(context, "disable", certificates, output)


@app.command()
def delete(context: typer.Context, certificates: Certificates, yes: Yes = False, output: Output = Format.TABLE) -> None:
    """Delete them and their private keys, for good."""
    if not yes:
        text = f"Delete {', '.join(certificates)} with the private key, for good?"
        typer.confirm(text, abort=True, err=True)
    _apply(context, "delete", certificates, output)


@app.command()
def groups(
    context: typer.Context,
    certificates: Certificates,
    add: Annotated[list[str] | None, typer.Option(help="A group to put them into", autocompletion=names.groups)] = None,
    remove: Annotated[
        list[str] | None, typer.Option(help="A group to take them out of", autocompletion=names.groups)
    ] = None,
    output: Output = Format.TABLE,
) -> None:
    """Put certificates into groups, or take them out."""
    if not add and not remove:
        raise UsageError("Name a group with --add or --remove.")
    if add:
        _apply(context, "add_to_groups", certificates, output, groups=add)
    if remove:
        _apply(context, "remove_from_groups", certificates, output, groups=remove)


@app.command()
def renew(
    context: typer.Context,
    certificate: Certificate,
    key_algorithm: Annotated[str | None, typer.Option(help="Such as RSA_3072 or ML_DSA_65; else as before")] = None,
    subject: Annotated[str | None, typer.Option(help="RFC 4514: CN=Release,O=Acme,C=US; else as before")] = None,
    dns: Annotated[list[str] | None, typer.Option(help="A DNS name, in place of all names; may be repeated")] = None,
    email: Annotated[list[str] | None, typer.Option(help="A mail address, in the same way")] = None,
    usage: Annotated[list[str] | None, typer.Option(help="Extended key usage, in place of those of before")] = None,
    output: Output = Format.TABLE,
) -> None:
    """Make a signing request with a new key for what ends; the old one works on until the CA's answer is imported."""
    alternative_names = {"dns": dns, "email": email}
    given: dict[str, Any] = {
        "key_algorithm": key_algorithm,
        "distinguished_name": subject,
        "subject_alternative_names": {name: value for name, value in alternative_names.items() if value},
        "extended_key_usage": usage,
    }
    body = {name: value for name, value in given.items() if value}
    request = client_of(context).post(path_of("certificates", certificate, "renew"), body)
    if output is Format.TABLE:
        say(f"The request is {request['id']}. Give its CSR to the CA:")
        print(request["csr"], end="")
    else:
        show_one(request, output, name="id")


@app.command()
def update(
    context: typer.Context,
    certificate: Certificate,
    alias: Annotated[str | None, typer.Option(help="Another name")] = None,
    description: Annotated[str | None, typer.Option()] = None,
    owner: Annotated[str | None, typer.Option(help="A user, or none for nobody")] = None,
    ask_for_reason: Annotated[bool | None, typer.Option("--ask-for-reason/--no-ask-for-reason")] = None,
    pin_fd: Annotated[int | None, typer.Option("--pin-fd", help="Read another PIN from this file descriptor")] = None,
    no_pin: Annotated[bool, typer.Option("--no-pin", help="Take the PIN away")] = False,
    output: Output = Format.TABLE,
) -> None:
    """Change its settings."""
    changes: dict[str, Any] = {"alias": alias, "description": description, "ask_for_reason": ask_for_reason}
    changes = {name: value for name, value in changes.items() if value is not None}
    if owner is not None:
        changes["owner"] = None if owner == "none" else owner
    if pin_fd is not None:
        changes["pin"] = given_pin(pin_fd)
    elif no_pin:
        changes["pin"] = None
    if not changes:
        raise UsageError("Say what is to change.")
    client = client_of(context)
    path = path_of("certificates", certificate)
    show_one(client.patch(path, changes, version=client.get(path)["version"]), output, name="alias")


def expiring(
    context: typer.Context,
    within: Annotated[str, typer.Option(help="Such as 30d or 12w")] = "30d",
    output: Output = Format.TABLE,
) -> None:
    """What ends soon, the soonest first."""
    days = _days(within)
    before = (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    found = client_of(context).pages(path_of("certificates"), expires_before=before, sort="valid_to")
    show((item for item in found if item["renewed_by"] is None), COLUMNS, output, name="alias")


def who_can_sign(context: typer.Context, certificate: Certificate, output: Output = Format.TABLE) -> None:
    """Users and user groups who can sign with it, the owner first."""
    related = client_of(context).get(path_of("certificates", certificate, "related"))
    rows = [{**each, "kind": "user"} for each in related["users"]]
    rows += [{**each, "kind": "user group"} for each in related["user_groups"]]
    columns = (
        Column("WHO", lambda item: item["name"]),
        Column("KIND", lambda item: item["kind"]),
        Column("CAN SIGN", lambda item: item["can_sign"]),
    )
    show(rows, columns, output)


def _days(text: str) -> int:
    units = {"d": 1, "w": 7}
    number, unit = (text[:-1], text[-1]) if text[-1:] in units else (text, "d")
    if not number.isascii() or not number.isdigit() or len(number) > 4:
        raise UsageError(f"{text} is no span of days, such as 30d or 12w.")
    return int(number) * units[unit]


def _apply(
    context: typer.Context, action: str, certificates: list[str], output: Format, *, groups: list[str] | None = None
) -> None:
    """One action on many: each stands for itself, and what failed is told at the end."""
    client = client_of(context)
    results: list[dict[str, Any]] = []
    for start in range(0, len(certificates), _CHANGES_AT_ONCE):
        part = certificates[start : start + _CHANGES_AT_ONCE]
        body = {"action": action, "certificates": part, **({"groups": groups} if groups else {})}
        results += client.post(path_of("certificates", "actions"), body)["results"]
    if output is Format.JSON:
        print_json(results)
    else:
        columns = (
            Column("CERTIFICATE", lambda item: item["certificate"]),
            Column("OUTCOME", lambda item: item["outcome"]),
            Column("WHY", lambda item: (item.get("problem") or {}).get("detail")),
        )
        show(results, columns, output, name="certificate")
    failed = [item for item in results if item["outcome"] == "failed"]
    if failed:
        raise PartlyFailedError(len(failed), len(results), failed[0].get("problem") or {})


class PartlyFailedError(CommandError):
    """Some of many were refused; the exit code is that of the first."""

    def __init__(self, failed: int, of: int, problem: Mapping[str, Any]) -> None:
        from signet_cli.errors import ProblemError

        super().__init__(f"{failed} of {of} failed.")
        self.exit_code = ProblemError(int(problem.get("status", 403)), str(problem.get("code", "")), "").exit_code
