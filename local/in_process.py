"""The functions of a running stack in this process, for tests that reach inside: the same gateway, the same AWS."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from local.gateway import Gateway
from local.http_server import Request
from local.rooms import Context, Function, layer_paths_of, load_handler, run
from local.stack import Stack
from local.workers import Outcome


@contextmanager
def functions_here(stack: Stack) -> Iterator[Gateway]:
    """A gateway to the routes of `stack` whose functions, authorizer too, run in this process and this thread.

    While it lasts, the environment is the functions'. What a function keeps between requests, it keeps here as well:
    whoever needs it forgotten clears it.
    """
    before = dict(os.environ)
    paths = [path for path in layer_paths_of(stack.template) if path not in sys.path]

    def invoke(function: Function, payload: bytes, request_id: str) -> Outcome:
        result, failed = run(function, load_handler(function), payload, Context(function, request_id))
        return Outcome(result, "Unhandled" if failed else None, "")

    sys.path[:0] = paths
    os.environ.update(stack.environment)
    try:
        yield Gateway(stack.gateway.routes, invoke)
    finally:
        os.environ.clear()
        os.environ.update(before)
        for path in paths:
            sys.path.remove(path)


def request(method: str, target: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Request:
    """A request as the gateway would have read it from a connection."""
    sent = {"Host": "127.0.0.1", **(headers or {})}
    return Request(method, target, "HTTP/1.1", list(sent.items()), body, "127.0.0.1", f"{method} {target} HTTP/1.1")
