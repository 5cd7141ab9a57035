"""What the agent asks of the service: again where nothing was answered, and counted once however often it asks."""

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from signet_cli.pkcs11.service import ATTEMPTS, Account, Service, ServiceError, SignCommand

COMMAND = SignCommand("crt_1", "ECDSA_SHA_256", b"digest", None, None, None, None)


class Answers(HTTPServer):
    """Answers with `statuses`, one after the other, and keeps what was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.statuses: list[int] = []
        self.code = "busy"
        self.keys: list[str | None] = []
        self.tokens: list[str | None] = []


class Handler(BaseHTTPRequestHandler):
    server: Answers

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.keys.append(self.headers["Idempotency-Key"])
        self.server.tokens.append(self.headers["Authorization"])
        status = self.server.statuses.pop(0)
        answer = json.dumps({"code": self.server.code, "signature": base64.b64encode(b"signature").decode()}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the library
        pass


@pytest.fixture(autouse=True)
def own_notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of signatures that were not had."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


@pytest.fixture
def answers() -> Iterator[Answers]:
    with Answers() as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def service(answers: Answers) -> Service:
    address = f"http://127.0.0.1:{answers.server_port}"
    return Service(lambda renew: Account(address, "new" if renew else "old"), sleep=lambda _: None)


def test_a_signature_that_is_asked_for_again_has_the_same_idempotency_key_and_another_has_another(
    answers: Answers,
) -> None:
    answers.statuses = [503, 503, 200, 200]
    asking = service(answers)

    assert asking.sign(COMMAND) == asking.sign(COMMAND) == b"signature"

    first, *others, last = answers.keys
    assert first
    assert others == [first, first]
    assert last
    assert last != first


def test_what_is_busy_for_too_long_is_told(answers: Answers) -> None:
    answers.statuses = [503] * ATTEMPTS

    with pytest.raises(ServiceError):
        service(answers).sign(COMMAND)
    assert answers.statuses == []


def test_what_was_not_had_is_asked_for_again_with_its_key_by_another_agent(answers: Answers) -> None:
    answers.statuses = [*[503] * ATTEMPTS, 200, 200]
    with pytest.raises(ServiceError):
        service(answers).sign(COMMAND)

    another = service(answers)
    another.sign(COMMAND)
    another.was_handed_on()
    service(answers).sign(COMMAND)

    *asked, repeated, fresh = answers.keys
    assert {*asked} == {repeated}
    assert fresh != repeated


def test_what_was_refused_is_another_signature_when_it_is_asked_for_again(answers: Answers) -> None:
    answers.statuses = [403, 200]
    asking = service(answers)
    with pytest.raises(ServiceError):
        asking.sign(COMMAND)

    asking.sign(COMMAND)

    assert len({*answers.keys}) == 2


def test_a_key_that_the_service_knows_with_another_pin_is_not_insisted_on(answers: Answers) -> None:
    answers.statuses = [*[503] * ATTEMPTS, 422, 200]
    asking = service(answers)
    with pytest.raises(ServiceError):
        asking.sign(COMMAND)
    answers.code = "idempotency_key_reused"

    assert asking.sign(COMMAND) == b"signature"

    *_, known, other = answers.keys
    assert known != other


def test_a_refused_token_is_renewed_once(answers: Answers) -> None:
    answers.statuses = [401, 401]

    with pytest.raises(ServiceError):
        service(answers).sign(COMMAND)
    assert answers.tokens == ["Bearer old", "Bearer new"]
