"""What a caller asks to be signed, and what it states of itself."""

from dataclasses import dataclass, field, replace

from signet.domain.signing.key_algorithm import algorithm_for


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
    other_algorithms: tuple[str, ...] = ()
    """Signing algorithms to take in place of `signing_algorithm`, where the key is of a family that only they fit."""
    place_in_line: int = 0
    """Which one of the line of renewals of `certificate` signs, counted from 1; 0 for `certificate` itself."""

    def for_key(self, key_algorithm: str) -> "SignCommand":
        """The command with the algorithm, of those that it names, that a key of `key_algorithm` takes."""
        names = (self.signing_algorithm, *self.other_algorithms)
        return replace(self, signing_algorithm=algorithm_for(key_algorithm, names), other_algorithms=())
