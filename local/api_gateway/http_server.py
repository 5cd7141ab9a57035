"""A small HTTP/1.1 server: one thread per connection, and nothing a client sends can end it.

h11 reads and writes the protocol. Here are the threads, the bounds, and what a gateway needs to know of a request.
"""

from __future__ import annotations

import contextlib
import email.utils
import http
import json
import re
import socket
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import h11

MAX_HEAD = 64 * 1024  # more than any request may have; what API Gateway allows is for the gateway to say
MAX_BODY = 10 * 1024 * 1024  # HTTP API quota, payload size
IDLE_SECONDS = 60
READ_SECONDS = 30  # for the rest of a request that has begun

_LINE_BREAK = re.compile(r"[\r\n\0]")
_NO_BODY = {204, 304}
_VERSIONS = {b"1.0", b"1.1"}


@dataclass(frozen=True)
class Request:
    """One request as it came in."""

    method: str
    target: str
    """Path and query as sent, still encoded."""
    version: str
    headers: list[tuple[str, str]]
    """Names as sent, in order, repeated ones too."""
    body: bytes
    peer: str
    request_line: str = ""

    def header(self, name: str) -> str | None:
        """The first value of the header `name`, in whatever case it was sent."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclass(frozen=True)
class Answer:
    """One answer; length, date and connection headers are added on the way out."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes = b""
    user: str = ""
    """Who asked, where that is known; never sent."""
    cpu_seconds: float = 0.0
    """What a function spent on it; never sent."""


def json_answer(status: int, body: Mapping[str, Any], *headers: tuple[str, str]) -> Answer:
    """`body` as JSON."""
    return Answer(status, [("Content-Type", "application/json"), *headers], json.dumps(body).encode())


class _RefusedError(Exception):
    """The bytes that came in are no acceptable request; the connection ends with the answer."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class HttpServer:
    """Serves `handler` on a socket that already listens, until closed."""

    def __init__(self, listener: socket.socket, handler: Callable[[Request], Answer]) -> None:
        self._listener = listener
        self._handler = handler
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._closed = False

    def start(self) -> None:
        """Accept connections in a thread of its own."""
        threading.Thread(target=self._accept, name="accept", daemon=True).start()

    def close(self) -> None:
        """Stop listening and cut every connection."""
        with self._lock:
            self._closed = True
            connections = list(self._connections)
        for connection in [self._listener, *connections]:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, peer = self._listener.accept()
            except OSError:
                if self._closed:
                    return
                time.sleep(0.05)  # no descriptor is free; some connection will end
                continue
            with self._lock:
                if self._closed:
                    connection.close()
                    return
                self._connections.add(connection)
            threading.Thread(target=self._serve, args=(connection, peer[0]), daemon=True).start()

    def _serve(self, connection: socket.socket, peer: str) -> None:
        protocol = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            reader = _Reader(connection, protocol, peer)
            while (request := reader.next_request()) is not None:
                connection.sendall(_encoded(protocol, self._answer(request), request.method))
                if protocol.our_state is h11.MUST_CLOSE:
                    break
                protocol.start_next_cycle()
        except _RefusedError as refusal:
            with contextlib.suppress(OSError):
                _refuse(connection, refusal.status)
        except OSError:
            pass  # the client has gone, or was too slow
        finally:
            with self._lock:
                self._connections.discard(connection)
            connection.close()

    def _answer(self, request: Request) -> Answer:
        try:
            return self._handler(request)
        except Exception:  # noqa: BLE001  told in full, and the connection lives on
            if not self._closed:
                traceback.print_exc()
            return Answer(500, [("Content-Type", "application/json")], b'{"message":"Internal Server Error"}')


class _Reader:
    """Takes requests off one connection."""

    def __init__(self, connection: socket.socket, protocol: h11.Connection, peer: str) -> None:
        self._connection = connection
        self._protocol = protocol
        self._peer = peer

    def next_request(self) -> Request | None:
        """The next request, or None once the client has no more."""
        self._connection.settimeout(IDLE_SECONDS)
        head = self._next()
        if not isinstance(head, h11.Request):
            return None
        if head.http_version not in _VERSIONS or not (head.target.startswith(b"/") or head.target == b"*"):
            raise _RefusedError(400)
        if {b"content-length", b"transfer-encoding"} <= {name for name, _ in head.headers}:
            raise _RefusedError(400)  # two readers could disagree where the request ends
        self._connection.settimeout(READ_SECONDS)
        body = bytearray()
        while isinstance(part := self._next(), h11.Data):
            body += part.data
            if len(body) > MAX_BODY:
                raise _RefusedError(413)
        method, target, version = (
            head.method.decode(),
            head.target.decode("latin-1"),
            f"HTTP/{head.http_version.decode()}",
        )
        return Request(
            method,
            target,
            version,
            [(name.decode("ascii"), value.decode("latin-1")) for name, value in head.headers.raw_items()],
            bytes(body),
            self._peer,
            f"{method} {target} {version}",
        )

    def _next(self) -> object:
        try:
            while (event := self._protocol.next_event()) is h11.NEED_DATA:
                if self._protocol.they_are_waiting_for_100_continue:
                    go_on = h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue")
                    self._connection.sendall(self._protocol.send(go_on) or b"")
                self._protocol.receive_data(self._connection.recv(256 * 1024))
        except h11.RemoteProtocolError as error:
            too_long = error.error_status_hint == http.HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            raise _RefusedError(431 if too_long else 400) from error
        return event


def _encoded(protocol: h11.Connection, answer: Answer, method: str) -> bytes:
    try:
        phrase = http.HTTPStatus(answer.status).phrase
    except ValueError:
        phrase = ""
    has_body = answer.status not in _NO_BODY
    # A line break in a value would begin a header, or an answer, that nobody sent.
    headers = [
        (name.encode("latin-1"), _LINE_BREAK.sub(" ", value).strip().encode("latin-1", errors="replace"))
        for name, value in answer.headers
    ]
    headers.append((b"Date", email.utils.formatdate(usegmt=True).encode()))
    if has_body:
        headers.append((b"Content-Length", str(len(answer.body)).encode()))
    head = h11.Response(status_code=answer.status, headers=headers, reason=phrase.encode())
    body = answer.body if has_body and method != "HEAD" else b""
    sent = (protocol.send(each) for each in (head, h11.Data(data=body), h11.EndOfMessage()))
    return b"".join(each or b"" for each in sent)


def _refuse(connection: socket.socket, status: int) -> None:
    message = {400: "Bad Request", 413: "Request Entity Too Large", 431: "Request Header Fields Too Large"}[status]
    body = f'{{"message":"{message}"}}'.encode()
    head = f"HTTP/1.1 {status} {message}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    connection.sendall(f"{head}Connection: close\r\n\r\n".encode() + body)
    # Whoever still sends must be let finish for a moment, or the answer is lost in a reset.
    connection.shutdown(socket.SHUT_WR)
    connection.settimeout(2)
    for _ in range(256):
        if not connection.recv(256 * 1024):
            break
