"""What a caller asks to be signed, and what it states of itself."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Application:
    """The program that signs, as the client states it: a claim, not a proof."""

    process: str | None = None
    command_line: str | None = None


@dataclass(frozen=True, slots=True)
class SignCommand:
    """What a caller asks to be signed, and what it states of itself."""

    certificate: str
    """Id or alias."""
    message: bytes = field(repr=False)
    message_type: str
    signing_algorithm: str
    reason: str | None = None
    pin: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    """The token of the caller: it is kept out of the record."""
    application: Application = field(default_factory=Application)
    dry_run: bool = False
