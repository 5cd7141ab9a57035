"""The `signet` command: its options, its commands, and how it ends."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from signet_cli.commands import certificates, doctor, events, groups, login, pkcs11, policies, requests, roles, sign
from signet_cli.context import Context
from signet_cli.core_files import forbid_core_files
from signet_cli.errors import CommandError, ExitCode
from signet_cli.output import say

INTERRUPTED = 130
"""What shells say of a program that Ctrl-C has ended: 128 and the number of the signal."""

app = typer.Typer(
    name="signet",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Sign with the certificates that Signet keeps, and look after them.",
)


@app.callback()
def options(
    context: typer.Context,
    profile: Annotated[str | None, typer.Option(help="Which login; else SIGNET_PROFILE, else the file.")] = None,
    address: Annotated[str | None, typer.Option(help="Of the service; else SIGNET_ADDR, else the profile's.")] = None,
) -> None:
    """Sign with the certificates that Signet keeps, and look after them."""
    context.obj = Context(profile, address)


app.command()(login.login)
app.command()(login.logout)
app.command()(login.whoami)
app.command(hidden=True)(login.token)
app.command()(sign.sign)
app.command()(sign.verify)
app.add_typer(certificates.app, name="certificates")
app.add_typer(requests.app, name="requests")
app.add_typer(groups.app, name="groups")
app.add_typer(policies.app, name="policies")
app.add_typer(roles.app, name="roles")
app.command()(events.events)
app.command()(events.why)
app.command()(certificates.expiring)
app.command("who-can-sign")(certificates.who_can_sign)
app.command()(doctor.doctor)
app.add_typer(pkcs11.app, name="pkcs11")


def main() -> int:
    """Run the command; its exit code."""
    forbid_core_files()
    try:
        code = app(standalone_mode=False)
    except CommandError as error:
        say(f"signet: {error}")
        if error.hint:
            say(error.hint)
        return int(error.exit_code)
    except typer.Abort as error:
        # Of a question: a no, or Ctrl-C, which Typer has caught to say so.
        return INTERRUPTED if isinstance(error.__context__, KeyboardInterrupt) else int(ExitCode.LOCAL)
    except typer.TyperException as error:
        say(f"signet: {error.format_message()}")
        return int(ExitCode.USAGE)
    except BrokenPipeError:
        return int(ExitCode.LOCAL)
    except KeyboardInterrupt:
        return INTERRUPTED
    return code if isinstance(code, int) else int(ExitCode.DONE)


if __name__ == "__main__":
    sys.exit(main())
