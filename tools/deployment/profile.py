"""A profile of samconfig.toml: one deployment, with its stack's name, region, parameters and tags."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


class ProfileError(Exception):
    """The profile cannot be deployed; the message says what to change in samconfig.toml."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What `[<name>.deploy.parameters]` says."""

    name: str
    stack: str
    region: str
    """The region of the profile, or else that of the environment."""
    parameters: Mapping[str, str]
    """Values for the template's parameters, without `Release`."""

    @classmethod
    def read(cls, file: Path, name: str) -> Profile:
        """The profile `name` of `file`.

        Raises:
            ProfileError: there is none of that name, or it lacks the name of a stack, or is written otherwise.
        """
        try:
            profiles = tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ProfileError(f"{file.name} cannot be read: {error}") from None
        try:
            told = profiles[name]["deploy"]["parameters"]
        except (KeyError, TypeError):
            known = ", ".join(sorted(each for each, part in profiles.items() if isinstance(part, dict)))
            raise ProfileError(f"{file.name} has no profile {name}; it has {known}") from None
        given = told.get("parameter_overrides", {})
        if not isinstance(given, dict):
            raise ProfileError(
                f"{file.name}: write the parameters as a table, [{name}.deploy.parameters.parameter_overrides]"
            )
        if not told.get("stack_name"):
            raise ProfileError(f"{file.name}: [{name}.deploy.parameters] needs a stack_name")
        region = (
            told.get("region") or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
        )
        return cls(
            name, told["stack_name"], region, {key: _text(value) for key, value in given.items() if key != "Release"}
        )


def _text(value: object) -> str:
    """As CloudFormation takes it; JSON on one line, since every byte of it lies in the functions' environment."""
    text = json.dumps(value) if isinstance(value, bool) else str(value).strip()
    with suppress(ValueError):
        parsed = json.loads(text)
        if isinstance(parsed, list | dict):
            text = json.dumps(parsed, ensure_ascii=False, separators=(",", ":"))
    if any(mark in text for mark in ('\\"', "\\'", "\\ ")):
        # `_unquote_wrapped_quotes` of the SAM CLI would take the backslash out of it, wherever it stands.
        raise ProfileError(f"a backslash before a quotation mark or a space does not reach CloudFormation: {text[:60]}")
    return text
