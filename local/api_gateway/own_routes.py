"""Who may ask what only this machine has: tokens for nothing (`/local/*`) and Lambda's Invoke API.

A web page that somebody reads here may make its browser send requests to 127.0.0.1, and by a name of its own that
leads there (DNS rebinding) read the answers too. Such a request says so: its `Host` is that name, or its `Origin` the
page.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from local.api_gateway.http_server import Answer, Request

_OWN_PATHS = re.compile(r"/(local|2015-03-31)(?=[/?]|$)")


def refused(request: Request) -> Answer | None:
    """The answer to a request for one of the stack's own routes that somebody else's page may have sent, else None."""
    if not _OWN_PATHS.match(request.target):
        return None
    hosts = [value for name, value in request.headers if name.lower() == "host"]
    if len(hosts) != 1 or not _is_loopback(hosts[0]):
        return _forbidden("This route answers only requests whose Host is 127.0.0.1 or localhost.")
    origins = [value for name, value in request.headers if name.lower() == "origin"]
    if any(origin != f"http://{hosts[0]}" for origin in origins):
        return _forbidden("This route answers no other web page.")
    return None


def _is_loopback(host: str) -> bool:
    try:
        split = urlsplit(f"//{host}")
        name = split.hostname or ""
        _ = split.port  # raises where it is no number
    except ValueError:
        return False
    if split.netloc != host or "@" in host:
        return False
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _forbidden(text: str) -> Answer:
    return Answer(403, [("Content-Type", "application/json")], f'{{"message":"{text}"}}'.encode())
