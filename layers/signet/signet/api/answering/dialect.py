"""In what form a client is told what went wrong, and where it puts its token and the name of a certificate."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from signet.api.answering.answer import PROBLEM, Answer
from signet.api.problems import internal_problem, problem_of
from signet.domain.errors import SignetError


def _nothing_in(_body: Any) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Dialect:
    """What the clients of one interface expect."""

    refused: Callable[[SignetError, str], Answer]
    """What is answered of an error that has a status, to the request with that id."""
    broken: Callable[[str], Answer]
    """What is answered of a fault of ours."""
    token_headers: tuple[str, ...] = ("authorization",)
    """Where a token may come, in lower case."""
    certificate_in: Callable[[Any], str | None] = _nothing_in
    """What names the certificate in a body, where no path does; for the log."""


def _refused(error: SignetError, request_id: str) -> Answer:
    problem, headers = problem_of(error, request_id)
    return Answer(problem.status, problem, headers, PROBLEM)


def _broken(request_id: str) -> Answer:
    problem = internal_problem(request_id)
    return Answer(problem.status, problem, content_type=PROBLEM)


SIGNET = Dialect(_refused, _broken)
"""Our own: RFC 9457."""
