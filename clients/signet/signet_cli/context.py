"""What every command has at hand: the profile, and a client that calls as the one who is logged in."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated

import typer

from signet_cli.client import Client
from signet_cli.login.session import Session
from signet_cli.output import Format
from signet_cli.settings import Profile, profile

Output = Annotated[Format, typer.Option("--output", "-o", help="How data is printed.", case_sensitive=False)]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


class Context:
    """Of one run of the command."""

    def __init__(self, profile_name: str | None, address: str | None) -> None:
        self._profile_name = profile_name
        self._address = address

    @cached_property
    def profile(self) -> Profile:
        """Which service, and as whom."""
        return profile(self._profile_name, self._address)

    @cached_property
    def session(self) -> Session:
        """The login."""
        return Session(self.profile)

    @cached_property
    def client(self) -> Client:
        """Calls the service."""
        return Client(self.session)


def client_of(context: typer.Context) -> Client:
    """The client of the run that `context` is of."""
    return of(context).client


def of(context: typer.Context) -> Context:
    """What the run has at hand."""
    found: Context = context.obj
    return found
