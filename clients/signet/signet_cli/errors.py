"""What goes wrong, and the exit code that says so to a script."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum


class ExitCode(IntEnum):
    """What `$?` says."""

    DONE = 0
    LOCAL = 1
    """Something on this machine: a file, a setting, the keyring."""
    USAGE = 2
    REFUSED = 3
    NOT_LOGGED_IN = 4
    NOT_FOUND = 5
    CONFLICT = 6
    OUT_OF_REACH = 7


class CommandError(Exception):
    """The command ends with `exit_code`; the message is for the person."""

    exit_code = ExitCode.LOCAL

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(CommandError):
    """The words of the command do not fit together."""

    exit_code = ExitCode.USAGE


class NotLoggedInError(CommandError):
    """There is no token that the service accepts."""

    exit_code = ExitCode.NOT_LOGGED_IN

    def __init__(self, message: str = "Nobody is logged in.", *, hint: str = "Run signet login.") -> None:
        super().__init__(message, hint=hint)


class OutOfReachError(CommandError):
    """The service, or the identity provider, does not answer."""

    exit_code = ExitCode.OUT_OF_REACH


class ProblemError(CommandError):
    """The service said no, in a problem of RFC 9457."""

    def __init__(
        self, status: int, code: str, detail: str, errors: Sequence[tuple[str, str]] = (), request_id: str = ""
    ) -> None:
        lines = [f"{field}: {message}" if field else message for field, message in errors]
        told = "".join(f"\n  {line}" for line in lines if line != detail)
        super().__init__(f"{detail or code}{told}")
        self.status = status
        self.code = code
        self.detail = detail
        self.request_id = request_id

    @property
    def is_about_this_request(self) -> bool:
        """Whether nothing was done; not where only the caller was turned away, or the service failed."""
        return 400 <= self.status < 500 and self.status not in {401, 429}

    @property
    def exit_code(self) -> ExitCode:  # type: ignore[override]
        """By the status of the answer."""
        match self.status:
            case 401:
                return ExitCode.NOT_LOGGED_IN
            case 404:
                return ExitCode.NOT_FOUND
            case 409 | 412:
                return ExitCode.CONFLICT
            case 429 if self.code == "pin_locked":
                return ExitCode.REFUSED
            case status if status == 429 or status >= 500:
                return ExitCode.OUT_OF_REACH
        return ExitCode.REFUSED
