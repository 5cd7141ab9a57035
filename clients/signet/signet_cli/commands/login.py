"""signet login, logout, whoami, token: who calls."""

from __future__ import annotations

import sys
import time
from typing import Annotated, Any

import httpx
import typer

from signet_cli.address import is_loopback
from signet_cli.client import Client, path_of
from signet_cli.context import Output, client_of, of
from signet_cli.errors import CommandError, NotLoggedInError, OutOfReachError, UsageError
from signet_cli.login import token_store
from signet_cli.login.provider import LoginIssuer, Provider
from signet_cli.login.session import Session, claims_of
from signet_cli.login.token_store import Tokens
from signet_cli.output import Format, print_json, say, show_one
from signet_cli.settings import Profile, save_profile

LOCAL_ADDRESS = "http://127.0.0.1:3000"
"""Of `make run`, where nothing else is said."""


def login(
    context: typer.Context,
    issuer: Annotated[
        str | None, typer.Option(help="The identity provider, by its alias, where there are several.")
    ] = None,
    device: Annotated[bool, typer.Option("--device", help="Log in on another device, by a code.")] = False,
    token_stdin: Annotated[bool, typer.Option("--token-stdin", help="Take a token from standard input.")] = False,
    local: Annotated[
        str | None, typer.Option("--local", metavar="USER", help="At a service of make run: as USER, with no password.")
    ] = None,
    group: Annotated[
        list[str] | None, typer.Option("--group", help="With --local: a user group; may be repeated.")
    ] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address.")] = False,
) -> None:
    """Log in, and remember the service."""
    profile = of(context).profile
    address = profile.required_address if local is None else profile.address or LOCAL_ADDRESS
    if sum((device, token_stdin, local is not None)) > 1:
        raise UsageError("--device, --token-stdin and --local are three ways of logging in; take one.")
    chosen = profile.issuer if issuer is None else issuer
    if token_stdin:
        tokens = _from_standard_input()
    elif local is not None:
        tokens = _from_local_service(address, local, group or [])
    else:
        entry = _entry(of(context).client, chosen)
        provider, chosen = Provider(entry), entry.alias
        if device:
            tokens = provider.log_in_with_device(lambda page, code: say(f"Open {page}\nand enter the code {code}"))
        else:
            tokens = provider.log_in_with_browser(lambda page: say(f"Log in at\n{page}"), open_browser=not no_browser)
    _check(Profile(profile.name, address, chosen), tokens)
    place = token_store.save(profile.name, tokens)
    save_profile(Profile(profile.name, address, chosen))
    say(f"Logged in as {claims_of(tokens.token).get('sub', 'whoever the token names')}. The token lies in {place}.")


def logout(context: typer.Context) -> None:
    """Forget the login, and give up its refresh token."""
    name = of(context).profile.name
    tokens = token_store.load(name)
    if tokens is not None and tokens.refresh_token and tokens.issuer and tokens.client_id:
        try:
            entry = LoginIssuer("", tokens.issuer, tokens.client_id, "", tokens.kind)
            Provider(entry).revoke(tokens.refresh_token)
        except CommandError as error:
            say(f"The identity provider was not told: {error}")
    say("Logged out." if token_store.forget(name) else "Nobody was logged in.")


def whoami(context: typer.Context, output: Output = Format.TABLE) -> None:
    """Who the service takes you for, and what you may do."""
    show_one(client_of(context).get(path_of("me")), output, name="user")


def token(
    context: typer.Context,
    output: Annotated[Format, typer.Option("--output", "-o")] = Format.NAME,
    renew: Annotated[bool, typer.Option("--renew", help="A new one: the last was refused.")] = False,
) -> None:
    """Print a token to call the service with: for other programs, never for a log."""
    text = of(context).session.token(renew=renew)
    if output is Format.JSON:
        print_json({"address": of(context).profile.required_address, "token": text})
    else:
        print(text)


def _entry(client: Client, alias: str | None) -> LoginIssuer:
    entries = [
        LoginIssuer(each["alias"], each["issuer"], each["client_id"], each["scopes"], each["token"])
        for each in client.public(path_of("auth-config"))["issuers"]
    ]
    if not entries:
        raise CommandError("People cannot log in to this service: no identity provider of it has a login.")
    names = ", ".join(each.alias for each in entries)
    if alias is None and len(entries) > 1:
        raise UsageError(f"There are several identity providers: {names}.", hint="Choose one with --issuer.")
    for each in entries:
        if alias is None or each.alias == alias:
            return each
    raise UsageError(f"There is no identity provider {alias}; there are {names}.")


def _from_standard_input() -> Tokens:
    text = sys.stdin.readline(64 * 1024).strip()
    if not text:
        raise UsageError("No token came on standard input.")
    return Tokens(text, float(claims_of(text).get("exp", time.time() + 300)))


def _from_local_service(address: str, user: str, groups: list[str]) -> Tokens:
    if not is_loopback(address):
        raise UsageError("--local is for a service on this machine.")
    body: dict[str, Any] = {"user": user, "groups": groups, "expires_in": 12 * 60 * 60}
    try:
        answer = httpx.post(f"{address}/local/tokens", json=body, timeout=10)
        text = str(answer.raise_for_status().json()["token"])
    except (httpx.HTTPError, ValueError, KeyError) as error:
        raise OutOfReachError(f"No service of make run answers at {address}.") from error
    return Tokens(text, float(claims_of(text).get("exp", time.time())))


def _check(profile: Profile, tokens: Tokens) -> None:
    """Show the token to the service once: what it does not accept is not kept."""

    class _Given(Session):
        def token(self, *, renew: bool = False) -> str:
            if renew:
                raise NotLoggedInError("The service does not accept this login.", hint="Run signet doctor.")
            return tokens.token

    Client(_Given(profile)).get(path_of("me"))
