"""What `$?` says."""

import pytest

from signet_cli.errors import CommandError, ExitCode, NotLoggedInError, OutOfReachError, ProblemError, UsageError


@pytest.mark.parametrize(
    ("status", "code", "exit_code"),
    [
        (400, "malformed_json", 3),
        (401, "invalid_token", 4),
        (403, "not_allowed", 3),
        (404, "not_found", 5),
        (409, "alias_taken", 6),
        (412, "stale", 6),
        (413, "file_too_large", 3),
        (422, "invalid", 3),
        (429, "pin_locked", 3),
        (429, "", 7),
        (500, "", 7),
        (503, "unavailable", 7),
    ],
)
def test_each_answer_of_the_service_has_its_exit_code(status: int, code: str, exit_code: int) -> None:
    assert ProblemError(status, code, "No.").exit_code == exit_code


def test_what_goes_wrong_here_has_its_own() -> None:
    assert [
        error.exit_code for error in (CommandError(""), UsageError(""), NotLoggedInError(), OutOfReachError(""))
    ] == [
        ExitCode.LOCAL,
        ExitCode.USAGE,
        ExitCode.NOT_LOGGED_IN,
        ExitCode.OUT_OF_REACH,
    ]


def test_fields_that_are_wrong_are_told_one_by_one() -> None:
    error = ProblemError(422, "invalid", "Two fields are wrong.", [("alias", "too long"), ("", "and more")])

    assert str(error) == "Two fields are wrong.\n  alias: too long\n  and more"
