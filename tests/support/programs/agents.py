"""An agent that runs as a process of its own, and a proxy between it and the service that can be made to fail."""

import http.client
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import BinaryIO, cast
from urllib.parse import urlsplit

from signet_cli.pkcs11.frames import Frame, read_frame, write_frame
from tests.support.programs.pkcs11_program import Pkcs11Program
from tests.support.programs.signet_command import CHECKOUT
from tests.support.services.over_http import ANSWER_TIMEOUT_SECONDS


class AgentProcess:
    """`signet-pkcs11`, and what it said on standard error once it has ended."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "signet_cli.pkcs11.agent"],
            env=environment,
            cwd=CHECKOUT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # no terminal to ask on
        )
        self.sink = cast("BinaryIO", self.process.stdin)
        self.source = cast("BinaryIO", self.process.stdout)

    def agree(self) -> None:
        """Exchange the version bytes."""
        self.sink.write(b"\2")
        self.sink.flush()
        assert self.source.read(1) == b"\2"

    def answer(self, body: bytes) -> bytes:
        """Its answer to one call."""
        write_frame(self.sink, Frame(1, b"", body))
        answered = read_frame(self.source)
        assert answered is not None
        return answered.body

    def end(self, given: bytes = b"") -> tuple[int, str]:
        """Send `given` as it is, and leave. The exit code, and what it told the person."""
        try:
            _, told = self.process.communicate(given, timeout=ANSWER_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            raise
        return self.process.returncode, told.decode()


def program_with(environment: Mapping[str, str]) -> tuple[AgentProcess, Pkcs11Program]:
    """A program that has initialized an agent of its own."""
    agent = AgentProcess(environment)
    agent.agree()
    program = Pkcs11Program(agent)
    program.initialize()
    return agent, program


class Proxy:
    """Hands on what it is asked, until it is told to do otherwise."""

    def __init__(self, target: str) -> None:
        self._target = urlsplit(target)
        self.answers_to_drop = 0
        """How many answers to a signature get lost on the way."""
        self.when_dropped: Callable[[], object] = lambda: None
        self.is_gone = False
        """Whether it hangs up before it hands anything on."""
        self.signatures_asked = 0
        self.next_token = ""
        """Sent in the place of that of the next call, once."""
        self.tokens: dict[str, str] = {}
        """Those in whose place another is sent, as if time had passed."""
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                proxy.hand_on(self)

            do_POST = do_GET  # noqa: N815 - named by http.server

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def hand_on(self, asked: BaseHTTPRequestHandler) -> None:
        body = asked.rfile.read(int(asked.headers.get("Content-Length", 0)))
        if self.is_gone:
            asked.close_connection = True
            return
        connection = http.client.HTTPConnection(cast("str", self._target.hostname), self._target.port)
        headers = dict(asked.headers.items())
        token = headers["Authorization"].removeprefix("Bearer ")
        sent, self.next_token = self.next_token or self.tokens.get(token, token), ""
        headers["Authorization"] = f"Bearer {sent}"
        connection.request(asked.command, asked.path, body or None, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        if asked.path.endswith("/sign"):
            self.signatures_asked += 1
            if self.answers_to_drop:
                self.answers_to_drop -= 1
                self.when_dropped()
                asked.close_connection = True
                return
        asked.send_response(answer.status)
        asked.send_header("Content-Type", answer.headers["Content-Type"])
        asked.send_header("Content-Length", str(len(content)))
        asked.end_headers()
        asked.wfile.write(content)

    def close(self) -> None:
        """Nobody is reached here from now on."""
        self.server.shutdown()
        self.server.server_close()


@contextmanager
def proxy_to(target: str) -> Iterator[Proxy]:
    """A proxy in front of `target`, while needed."""
    proxy = Proxy(target)
    threading.Thread(target=proxy.server.serve_forever, daemon=True, kwargs={"poll_interval": 0.05}).start()
    try:
        yield proxy
    finally:
        proxy.close()
