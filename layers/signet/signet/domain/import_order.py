"""What an import asks for, and what came of it."""

from dataclasses import dataclass, field

from signet.domain.alias import Alias
from signet.domain.certificate_update import KEEP, Keep
from signet.domain.overview import Overview
from signet.domain.pin import Pin


@dataclass(frozen=True, slots=True)
class ImportOrder:
    """A certificate file, and the settings it is to have; parsed."""

    content: bytes = field(repr=False)
    password: str | None = field(default=None, repr=False)
    private_key: str | None = field(default=None, repr=False)
    """PEM, beside a file that has none."""
    private_key_password: str | None = field(default=None, repr=False)
    alias: Alias | None = None
    description: str = ""
    owner: str | None = None
    groups: tuple[str, ...] = ()
    ask_for_reason: bool = False
    pin: Pin | None = field(default=None, repr=False)
    renew_at_stage: int | None = None


@dataclass(frozen=True, slots=True)
class IssuedOrder:
    """The CA's answer to a signing request, and what the certificate is to have besides; parsed."""

    content: bytes = field(repr=False)
    owner: str | Keep | None = KEEP
    groups: tuple[str, ...] | Keep = KEEP
    disable_renewed: bool = False


@dataclass(frozen=True, slots=True)
class Imported:
    """The certificate, and whether it is new here or gained its key."""

    overview: Overview
    created: bool
    warnings: tuple[str, ...] = ()
    """What is odd about it, and allowed."""
