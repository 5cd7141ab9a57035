"""Calls of the small stack, as HTTP and as bytes."""

import socket
from typing import Any

from local.stack import Stack
from tests.support.services.over_http import Client, Response


def call(stack: Stack, method: str, path: str, body: bytes | None = None, **headers: str) -> Response:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return Client(stack.url, None).send(method, path, body, sent)


def talk(stack: Stack, sent: bytes) -> bytes:
    """Send bytes as they are, and give all that comes back."""
    host, port = stack.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=300) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def event_of(response: Response) -> dict[str, Any]:
    assert response.status == 200, response
    event: dict[str, Any] = response.json["event"]
    return event
