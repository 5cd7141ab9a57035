"""The name of a release: a digest of all that is deployed together."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

LENGTH = 16
"""Hexadecimal digits. SAM names a version by the first ten (`LogicalIdGenerator` of the SAM translator)."""


def release_of(built: Path, parameters: Mapping[str, str]) -> str:
    """The digest of what `make build` put into `built`, and of `parameters`, by name.

    Functions, layers and the template all count, so a change of any of them makes new versions of all functions: they
    switch together, and go back together. The same input gives the same digest on any machine.

    Raises:
        FileNotFoundError: nothing was built there.
    """
    digest = hashlib.sha256()
    files = sorted(path for path in built.rglob("*") if path.is_file())
    if not files:
        raise FileNotFoundError(f"{built}: nothing was built there")
    for path in files:
        _add(digest, path.relative_to(built).as_posix(), path.read_bytes())
    for name, value in sorted(parameters.items()):
        _add(digest, name, value.encode())
    return digest.hexdigest()[:LENGTH]


def release_in(description: str) -> str | None:
    """The release that a version of a function is of, by its description; None for one that was made otherwise.

    SAM writes AutoPublishCodeSha256 at the end of a function's description, so that Lambda sees a change even where the
    function is as it was (`SamFunction.to_cloudformation` of the SAM translator).
    """
    word = description.rpartition(" ")[2]
    return word if len(word) == LENGTH and set(word) <= set("0123456789abcdef") else None


def _add(digest: hashlib._Hash, name: str, content: bytes) -> None:
    # With their lengths, or the end of one could be the beginning of the next.
    for part in (name.encode(), content):
        digest.update(len(part).to_bytes(8, "big") + part)
