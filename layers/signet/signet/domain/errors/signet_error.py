"""What all errors are, and what those have in common that are about fields of the input."""

from dataclasses import dataclass


class SignetError(Exception):
    """What Signet refuses or could not do."""

    code: str
    """Stable name of the fact, for programs."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field of the input that cannot be accepted."""

    field: str
    """Dotted path, `subject.country` or `when[0].time_zone`; empty for the body itself."""
    message: str


class FieldsError(SignetError):
    """Fields of the input cannot be accepted."""

    def __init__(self, *errors: FieldError) -> None:
        super().__init__(
            "; ".join(f"{error.field}: {error.message}" if error.field else error.message for error in errors)
        )
        self.errors = errors
