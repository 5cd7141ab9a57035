"""Where a service is: https, or http on this machine."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from signet_cli.errors import UsageError

_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


def parse_address(text: str) -> str:
    """`text` as the address of a service: https, or http on this machine.

    Raises:
        UsageError: it is none.
    """
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        port = parts.port
    except ValueError:
        raise UsageError(f"{text} is no address: its host or its port makes no sense.") from None
    if not parts.hostname or parts.username or parts.query or parts.fragment:
        raise UsageError(f"{text} is no address of a service, such as https://signet.example.com.")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise UsageError("A token is sent to https addresses only, and to http ones of this machine.")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    path = parts.path.rstrip("/").removesuffix("/v1")
    return f"{parts.scheme}://{host}{'' if port is None else f':{port}'}{path}"


def is_loopback(address: str) -> bool:
    """Whether `address` is on this machine."""
    return urlsplit(address).hostname in _LOOPBACK
