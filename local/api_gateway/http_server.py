"""A small HTTP/1.1 server: one thread per connection, and nothing a client sends can end it."""

from __future__ import annotations

import contextlib
import email.utils
import http
import re
import socket
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

MAX_HEAD = 64 * 1024  # more than any request may have; what API Gateway allows is for the gateway to say
MAX_BODY = 10 * 1024 * 1024  # HTTP API quota, payload size
IDLE_SECONDS = 60
READ_SECONDS = 30  # for the rest of a request that has begun

_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_REQUEST_LINE = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+) (/[^ ]*|\*) (HTTP/1\.[01])")
_LINE_BREAK = re.compile(r"[\r\n\0]")
_NO_BODY = {204, 304}


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
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            reader = _Reader(connection, peer)
            while (request := reader.next_request()) is not None:
                keep = _keeps_alive(request)
                connection.sendall(_encoded(self._answer(request), request.method, keep=keep))
                if not keep:
                    break
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

    def __init__(self, connection: socket.socket, peer: str) -> None:
        self._connection = connection
        self._peer = peer
        self._buffer = bytearray()

    def next_request(self) -> Request | None:
        """The next request, or None once the client has no more."""
        self._connection.settimeout(IDLE_SECONDS)
        while self._buffer[:2] == b"\r\n" or not self._buffer:
            del self._buffer[:2]
            if not self._fill():
                return None
        self._connection.settimeout(READ_SECONDS)
        lines = bytes(self._until(b"\r\n\r\n", MAX_HEAD, 431)).split(b"\r\n")
        request_line = _REQUEST_LINE.fullmatch(lines[0])
        if request_line is None:
            raise _RefusedError(400)
        method, target, version = (part.decode("latin-1") for part in request_line.groups())
        headers = [_header(line) for line in lines[1:]]
        body = self._body(headers)
        return Request(method, target, version, headers, body, self._peer, lines[0].decode("latin-1"))

    def _body(self, headers: list[tuple[str, str]]) -> bytes:
        lengths = {value for name, value in headers if name.lower() == "content-length"}
        codings = [value.lower() for name, value in headers if name.lower() == "transfer-encoding"]
        expects = any(name.lower() == "expect" and value.lower() == "100-continue" for name, value in headers)
        if codings:
            if lengths or codings != ["chunked"]:
                raise _RefusedError(400)  # two readers could disagree where the request ends
            self._continue(expected=expects)
            return self._chunks()
        if not lengths:
            return b""
        if len(lengths) > 1 or not (text := lengths.pop()).isascii() or not text.isdigit():
            raise _RefusedError(400)
        if len(text) > len(str(MAX_BODY)) or int(text) > MAX_BODY:
            raise _RefusedError(413)
        self._continue(expected=expects)
        return bytes(self._exactly(int(text)))

    def _chunks(self) -> bytes:
        body = bytearray()
        while True:
            size_text = bytes(self._until(b"\r\n", 4096, 400)).split(b";")[0].strip()
            if not re.fullmatch(rb"[0-9A-Fa-f]{1,8}", size_text):
                raise _RefusedError(400)
            size = int(size_text, 16)
            if size == 0:
                break
            if len(body) + size > MAX_BODY:
                raise _RefusedError(413)
            body += self._exactly(size)
            if self._exactly(2) != b"\r\n":
                raise _RefusedError(400)
        while self._until(b"\r\n", MAX_HEAD, 431):
            pass  # trailers
        return bytes(body)

    def _continue(self, *, expected: bool) -> None:
        if expected:
            self._connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _until(self, mark: bytes, limit: int, status: int) -> bytearray:
        start = 0
        while (at := self._buffer.find(mark, start)) < 0:
            if len(self._buffer) > limit:
                raise _RefusedError(status)
            start = max(0, len(self._buffer) - len(mark))
            if not self._fill():
                raise _RefusedError(400)
        found = self._buffer[:at]
        del self._buffer[: at + len(mark)]
        return found

    def _exactly(self, count: int) -> bytearray:
        while len(self._buffer) < count:
            if not self._fill():
                raise _RefusedError(400)
        found = self._buffer[:count]
        del self._buffer[:count]
        return found

    def _fill(self) -> bool:
        part = self._connection.recv(256 * 1024)
        self._buffer += part
        return bool(part)


def _header(line: bytes) -> tuple[str, str]:
    name, colon, value = line.partition(b":")
    if not colon or not _TOKEN.fullmatch(name) or b"\r" in value or b"\n" in value or b"\0" in value:
        raise _RefusedError(400)
    return name.decode("ascii"), value.strip(b" \t").decode("latin-1")


def _keeps_alive(request: Request) -> bool:
    connection = (request.header("connection") or "").lower()
    return connection != "close" if request.version == "HTTP/1.1" else connection == "keep-alive"


def _encoded(answer: Answer, method: str, *, keep: bool) -> bytes:
    try:
        phrase = http.HTTPStatus(answer.status).phrase
    except ValueError:
        phrase = ""
    lines = [f"HTTP/1.1 {answer.status} {phrase}", f"Date: {email.utils.formatdate(usegmt=True)}"]
    # A line break in a value would begin a header, or an answer, that nobody sent.
    lines += [f"{name}: {_LINE_BREAK.sub(' ', value)}" for name, value in answer.headers]
    if answer.status not in _NO_BODY:
        lines.append(f"Content-Length: {len(answer.body)}")
    lines.append(f"Connection: {'keep-alive' if keep else 'close'}")
    head = "\r\n".join(lines).encode("latin-1", errors="replace") + b"\r\n\r\n"
    return head if method == "HEAD" or answer.status in _NO_BODY else head + answer.body


def _refuse(connection: socket.socket, status: int) -> None:
    message = {400: "Bad Request", 413: "Request Entity Too Large", 431: "Request Header Fields Too Large"}[status]
    body = f'{{"message":"{message}"}}'.encode()
    answer = Answer(status, [("Content-Type", "application/json")], body)
    connection.sendall(_encoded(answer, "GET", keep=False))
    # Whoever still sends must be let finish for a moment, or the answer is lost in a reset.
    connection.shutdown(socket.SHUT_WR)
    connection.settimeout(2)
    for _ in range(256):
        if not connection.recv(256 * 1024):
            break
