"""What goes over the sockets between the pool, its zygote and its workers: a header and a payload at a time."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Mapping
from typing import Any

_LENGTHS = struct.Struct("!II")


def send(connection: socket.socket, header: Mapping[str, Any], payload: bytes = b"") -> None:
    """Send one frame: the lengths of both parts, the header as JSON, the payload."""
    text = json.dumps(header).encode()
    connection.sendall(_LENGTHS.pack(len(text), len(payload)) + text + payload)


def receive(connection: socket.socket) -> tuple[dict[str, Any], bytes]:
    """The header and the payload of the next frame.

    Raises:
        EOFError: the other end has closed.
    """
    header_length, payload_length = _LENGTHS.unpack(read(connection, _LENGTHS.size))
    header: dict[str, Any] = json.loads(read(connection, header_length))
    return header, read(connection, payload_length)


def read(connection: socket.socket, count: int) -> bytes:
    """The next `count` bytes; raises as `receive` does."""
    parts = []
    while count:
        part = connection.recv(min(count, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
