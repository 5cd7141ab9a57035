"""The process that plays AWS: Moto's server, patched, and the carriers that bring events to functions.

It is told on its standard input where the functions are to be found, one JSON object on one line, and ends when that
input does, so it never outlives the stack that started it.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import sys
import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack
from typing import Any

from local import moto_patches

# Imported at the first call otherwise, which would make the first request of each kind slow.
SERVICES = ("dynamodb", "dynamodbstreams", "events", "kms", "logs", "scheduler", "sns", "sqs")


class MotoServer:
    """Moto's server on a socket that already listens."""

    def __init__(self, listener: socket.socket) -> None:
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
        from werkzeug.serving import make_server

        moto_patches.apply()
        logging.getLogger("werkzeug").setLevel(logging.ERROR)  # one line per call is too many
        app = DomainDispatcherApplication(create_backend_app)
        for service in SERVICES:
            app.app_instances[service] = create_backend_app(service)  # type: ignore[arg-type]
        host, port = listener.getsockname()[:2]
        self._server = make_server(
            host, port, app, threaded=True, request_handler=MotoRequestHandler, fd=listener.fileno()
        )
        self._server.daemon_threads = True

    def start(self) -> None:
        """Serve in a thread of its own."""
        threading.Thread(target=self._server.serve_forever, name="moto", daemon=True).start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()


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
    from local.carriers import LambdaByHttp, carrying
    from local.clients import aws_client_factory

    return carrying(
        order["mappings"],
        LambdaByHttp(order["gateway"]),
        aws_client_factory(order["aws"]),
        log=lambda text: print(text, file=sys.stderr, flush=True),
    )


if __name__ == "__main__":
    main()
