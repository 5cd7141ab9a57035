"""What makes two requests with one Idempotency-Key the same."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from signet.domain.errors import MalformedJsonError

SECRET_FIELDS = frozenset({"password", "pin", "private_key", "private_key_password"})
"""Never part of a fingerprint, which is a fast hash: a PIN of four digits would be found in no time."""


def fingerprint_of(event: Mapping[str, Any], raw: bytes) -> tuple[str, str]:
    """The hash of method, path, query and body without what is secret in it; and the secrets, as one text.

    That text is empty where there are none. Neither depends on how the JSON is written.
    """
    http = event["requestContext"]["http"]
    try:
        body = json.loads(raw or b"{}")
        told = _as_text([http["method"], event.get("rawPath"), event.get("rawQueryString"), _without_secrets(body)])
        secrets = sorted(_secrets(body, ""))
    except (ValueError, RecursionError):
        raise MalformedJsonError("The body is not JSON.") from None
    return hashlib.sha256(told.encode()).hexdigest(), _as_text(secrets) if secrets else ""


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_secrets(each) for name, each in value.items() if name not in SECRET_FIELDS}
    return [_without_secrets(each) for each in value] if isinstance(value, list) else value


def _secrets(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Each secret that is given, with where it stands; null is as good as left out."""
    if isinstance(value, dict):
        for name, each in value.items():
            if name not in SECRET_FIELDS:
                yield from _secrets(each, f"{path}.{name}")
            elif each is not None:
                yield f"{path}.{name}", _as_text(each)
    elif isinstance(value, list):
        for place, each in enumerate(value):
            yield from _secrets(each, f"{path}[{place}]")


def _as_text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
