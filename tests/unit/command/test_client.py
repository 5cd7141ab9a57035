"""What the command sends again, and what it does not."""

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from signet_cli.client import ATTEMPTS, Client
from signet_cli.errors import OutOfReachError, ProblemError
from signet_cli.login.session import Session
from signet_cli.settings import Profile


class LoggedIn(Session):
    def token(self, *, renew: bool = False) -> str:
        return "renewed" if renew else "kept"


class Answers:
    """A service that answers as it is told, one after the other, and remembers what it was asked."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self._answers = list(answers)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def client(self) -> Client:
        return Client(LoggedIn(Profile("test", "https://signet.example.com")), httpx.MockTransport(self))


def problem(status: int, code: str) -> httpx.Response:
    return httpx.Response(status, json={"code": code, "detail": code})


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)


@pytest.mark.parametrize("lost", [httpx.ReadTimeout("lost"), httpx.ConnectError("lost"), problem(503, "unavailable")])
def test_a_signature_whose_answer_was_lost_is_asked_for_again_with_the_same_key(lost: Any) -> None:
    service = Answers(lost, httpx.Response(200, json={"signature": "c2ln"}))

    answer = service.client().post("/v1/certificates/release/sign", {"message": "bWVzc2FnZQ=="})

    assert answer == {"signature": "c2ln"}
    keys = [request.headers["Idempotency-Key"] for request in service.asked]
    assert len(keys) == 2
    assert keys[0] == keys[1]
    assert service.asked[0].content == service.asked[1].content


def test_two_signatures_have_two_keys() -> None:
    service = Answers(httpx.Response(200, json={}), httpx.Response(200, json={}))
    client = service.client()

    client.post("/v1/certificates/release/sign", {})
    client.post("/v1/certificates/release/sign", {})

    assert service.asked[0].headers["Idempotency-Key"] != service.asked[1].headers["Idempotency-Key"]


@pytest.mark.parametrize(
    ("send", "answer"),
    [
        (lambda client: client.post("/v1/certificates/release/sign", {}), problem(403, "pin_wrong")),
        (lambda client: client.post("/v1/certificates/release/sign", {}), problem(429, "pin_locked")),
        (lambda client: client.patch("/v1/certificates/release", {}), problem(503, "unavailable")),
    ],
)
def test_what_a_repeat_would_make_worse_is_sent_once(send: Callable[[Client], Any], answer: httpx.Response) -> None:
    service = Answers(answer)

    with pytest.raises(ProblemError):
        send(service.client())
    assert len(service.asked) == 1


def test_a_token_that_ended_in_mid_run_is_renewed_once() -> None:
    service = Answers(problem(401, "unauthenticated"), httpx.Response(200, json={"user": "corp/alice"}))

    assert service.client().get("/v1/me") == {"user": "corp/alice"}
    assert [request.headers["Authorization"] for request in service.asked] == ["Bearer kept", "Bearer renewed"]


def test_a_service_out_of_reach_is_given_up_after_a_few_attempts() -> None:
    service = Answers(*[httpx.ConnectError("nobody there")] * ATTEMPTS)

    with pytest.raises(OutOfReachError, match="cannot be reached"):
        service.client().get("/v1/me")
    assert len(service.asked) == ATTEMPTS
