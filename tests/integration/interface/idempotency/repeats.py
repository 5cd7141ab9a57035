"""Signing under an Idempotency-Key, and how often something was signed."""

from typing import Any

from tests.support.services.over_http import Client, Response, at

USER = "repeater"
OWNER = f"local/{USER}"
SIGN = {"message": "AAAA", "message_type": "RAW", "signing_algorithm": "ECDSA_SHA_256"}


def sign(client: Client, certificate: str, key: str | None, **more: Any) -> Response:
    return client.post(at(certificate, "sign"), {**SIGN, **more}, key=key)


def count(client: Client, certificate: str) -> int:
    return int(client.good("GET", at(certificate))["usage_count"])
