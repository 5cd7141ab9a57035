"""The OpenAPI document of this service, made from the functions by `make openapi`."""

from pathlib import Path


def document() -> bytes:
    """OpenAPI 3.1, as JSON."""
    return Path(__file__).with_name("openapi.json").read_bytes()
