"""signet doctor: looks for what keeps a login from working, and says what to do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import httpx
import typer

from signet_cli.client import path_of
from signet_cli.context import Context, of
from signet_cli.errors import CommandError, ExitCode
from signet_cli.login.session import claims_of
from signet_cli.output import say

MOST_SECONDS_OFF = 30


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    good: bool
    text: str
    exit_code: ExitCode = ExitCode.LOCAL


def doctor(context: typer.Context) -> None:
    """Look at address, clock, login and rights, and say what is wrong."""
    worst = ExitCode.DONE
    for finding in _findings(of(context)):
        say(f"{'ok  ' if finding.good else 'BAD '} {finding.text}")
        if not finding.good and worst is ExitCode.DONE:
            worst = finding.exit_code
    if worst is not ExitCode.DONE:
        raise typer.Exit(worst)


def _findings(run: Context) -> Iterator[Finding]:
    try:
        profile = run.profile
        address = profile.required_address
    except CommandError as error:
        yield Finding(good=False, text=f"{error} {error.hint}", exit_code=error.exit_code)
        return
    yield Finding(good=True, text=f"profile {profile.name}, address {address}")
    try:
        answer = httpx.get(f"{address}{path_of('health')}", timeout=15)
    except httpx.HTTPError as error:
        text = f"{address} cannot be reached: {error}. Is the address right, and the network there?"
        yield Finding(good=False, text=text, exit_code=ExitCode.OUT_OF_REACH)
        return
    yield _service(answer)
    yield _clock(answer)
    yield from _login(run)


def _service(answer: httpx.Response) -> Finding:
    try:
        health = answer.json()
        status = str(health["status"])
    except (ValueError, KeyError, TypeError):
        text = f"what answers there is not Signet ({answer.status_code}). Is the address right?"
        return Finding(good=False, text=text, exit_code=ExitCode.OUT_OF_REACH)
    if status == "ok":
        return Finding(good=True, text="the service answers and is well")
    return Finding(good=False, text=f"the service says of itself: {status}", exit_code=ExitCode.OUT_OF_REACH)


def _clock(answer: httpx.Response) -> Finding:
    try:
        off = time.time() - parsedate_to_datetime(answer.headers["Date"]).timestamp()
    except (KeyError, ValueError):
        return Finding(good=True, text="the service does not tell the time")
    if abs(off) <= MOST_SECONDS_OFF:
        return Finding(good=True, text="the clock is right")
    way = "ahead" if off > 0 else "behind"
    return Finding(good=False, text=f"the clock of this machine is {abs(off):.0f} seconds {way}. Set it.")


def _login(run: Context) -> Iterator[Finding]:
    try:
        token = run.session.token()
    except CommandError as error:
        yield Finding(good=False, text=f"{error} {error.hint}", exit_code=error.exit_code)
        return
    claims = claims_of(token)
    told = f"issuer {claims.get('iss', 'unknown')}, audience {claims.get('aud', 'unknown')}"
    ends = claims.get("exp")
    if isinstance(ends, int | float) and ends <= time.time():
        text = f"the token has expired ({told}). Run signet login."
        yield Finding(good=False, text=text, exit_code=ExitCode.NOT_LOGGED_IN)
    try:
        me = run.client.get(path_of("me"))
    except CommandError as error:
        text = f"the service does not accept the token ({told}): {error}"
        yield Finding(good=False, text=text, exit_code=error.exit_code)
        return
    yield Finding(good=True, text=f"logged in as {me['user']} ({told})")
    groups = me["user_groups"]
    if groups:
        yield Finding(good=True, text=f"in the user groups {', '.join(groups)}")
    else:
        text = "the token names no user groups. If you should be in some, the identity provider does not tell of them."
        yield Finding(good=me["role"] is not None, text=text, exit_code=ExitCode.REFUSED)
    role = me["role"]["name"] if me["role"] else "none, so you may sign as owner or by policies, and manage nothing"
    yield Finding(good=True, text=f"role: {role}")
