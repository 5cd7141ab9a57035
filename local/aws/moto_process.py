"""The process that plays AWS: Moto's server, patched, and the event sources that bring events to functions.

It is told on its standard input where the functions are to be found, one JSON object on one line, and ends when that
input does, so it never outlives the stack that started it.
"""

from __future__ import annotations

import io
import json
import os
import re
import socket
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from typing import Any
from urllib.parse import unquote_to_bytes

from local.api_gateway.http_server import Answer, HttpServer, Request
from local.aws import moto_patches, table_digests

# Imported at the first call otherwise, which would make the first request of each kind slow.
SERVICES = ("dynamodb", "dynamodbstreams", "events", "kms", "logs", "scheduler", "sns", "sqs")

_CREDENTIAL_SCOPE = re.compile(r"Credential=[^/]+/\d+/[^/]+/([a-z0-9]+)/aws4_request")


class MotoServer:
    """Moto on a socket that already listens, behind our own server: werkzeug's takes longer than Moto itself."""

    def __init__(self, listener: socket.socket) -> None:
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

        moto_patches.apply()
        self._moto = DomainDispatcherApplication(create_backend_app)
        for service in SERVICES:
            self._moto.app_instances[service] = create_backend_app(service)  # type: ignore[arg-type]
        self._server = HttpServer(listener, self._answer)

    def start(self) -> None:
        """Serve in threads of its own."""
        self._server.start()

    def close(self) -> None:
        """Stop serving."""
        self._server.close()

    def _answer(self, request: Request) -> Answer:
        if request.target == table_digests.PATH:
            with moto_patches.DATABASE_LOCK:
                return Answer(200, [], json.dumps(table_digests.table_digests()).encode())
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> Callable[[bytes], object]:
            started.append((status, headers))
            return lambda _: None  # the old way to write, which Flask does not go

        service = _service_of(request)
        app = self._moto.app_instances[service] if service in SERVICES else self._moto
        body = b"".join(app(_environ(request), start_response))
        status, headers = started[-1]
        ours = {"connection", "content-length", "date"}
        return Answer(
            int(status.split(" ")[0]), [(name, value) for name, value in headers if name.lower() not in ours], body
        )


def _service_of(request: Request) -> str | None:
    """The service that a signed request is for; Moto finds out the same by reading its own folders each time."""
    signed_for = _CREDENTIAL_SCOPE.search(request.header("authorization") or "")
    if signed_for is None:
        return None
    streams = (request.header("x-amz-target") or "").startswith("DynamoDBStreams_")
    return "dynamodbstreams" if streams else signed_for[1]


def _environ(request: Request) -> dict[str, Any]:
    """`request` as WSGI has it (PEP 3333)."""
    path, _, query = request.target.partition("?")
    host, _, port = (request.header("host") or "localhost").partition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "RAW_URI": request.target,
        "REQUEST_URI": request.target,
        "SERVER_NAME": host,
        "SERVER_PORT": port or "80",
        "SERVER_PROTOCOL": request.version,
        "REMOTE_ADDR": request.peer,
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers:
        key = name.upper().replace("-", "_")
        if key == "CONTENT_TYPE":
            environ[key] = value
        elif key not in {"CONTENT_LENGTH", "TRANSFER_ENCODING"}:  # the body has been put together already
            key = f"HTTP_{key}"
            environ[key] = f"{environ[key]},{value}" if key in environ else value
    return environ


def main() -> None:
    """Serve on the socket whose descriptor is the first argument until standard input ends."""
    listener = socket.socket(fileno=int(sys.argv[1]))
    server = MotoServer(listener)
    server.start()
    print("ready", flush=True)
    with ExitStack() as cleanup:
        for line in sys.stdin:
            cleanup.enter_context(_carrying(json.loads(line)))
            print("carrying", flush=True)
    # A request may still be in a thread of the server; nobody waits for its answer.
    os._exit(0)


def _carrying(order: Mapping[str, Any]) -> AbstractContextManager[Any]:
    from local.aws.aws_clients import aws_client_factory
    from local.event_sources import LambdaByHttp, carrying

    return carrying(
        order["mappings"],
        LambdaByHttp(order["gateway"]),
        aws_client_factory(order["aws"]),
        log=lambda text: print(text, file=sys.stderr, flush=True),
    )


if __name__ == "__main__":
    main()
