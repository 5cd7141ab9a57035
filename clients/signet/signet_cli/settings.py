"""Which service, and as whom: the flag before the environment before the file.

The file is `config.toml` in the platform's configuration folder (`~/.config/signet` on Linux):

    profile = "work"            # the one that is used where none is named

    [profiles.work]
    address = "https://signet.example.com"
    issuer = "corp"             # which of several identity providers
"""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from signet_cli.address import parse_address
from signet_cli.errors import CommandError, UsageError

ADDRESS_VARIABLE = "SIGNET_ADDR"
PROFILE_VARIABLE = "SIGNET_PROFILE"
DEFAULT_PROFILE = "default"

_PROFILE_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True)
class Profile:
    """One service, and one login to it."""

    name: str
    address: str | None
    """Such as `https://signet.example.com`, without a path of the interface behind it."""
    issuer: str | None = None
    """The alias of the identity provider to log in at, where there are several."""

    @property
    def required_address(self) -> str:
        """The address.

        Raises:
            UsageError: there is none.
        """
        if self.address is None:
            hint = f"Set {ADDRESS_VARIABLE}, or give --address to signet login once."
            raise UsageError("The address of the service is not known.", hint=hint)
        return self.address


def configuration_file() -> Path:
    """Where profiles are kept."""
    return platformdirs.user_config_path("signet") / "config.toml"


def read_profiles() -> tuple[str | None, dict[str, dict[str, str]]]:
    """The name of the profile in use, and all profiles by name.

    Raises:
        CommandError: the file makes no sense.
    """
    path = configuration_file()
    try:
        read = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None, {}
    except (OSError, ValueError) as error:
        raise CommandError(f"{path} cannot be read: {error}") from error
    profiles = read.get("profiles", {})
    if not isinstance(profiles, dict) or not all(isinstance(each, dict) for each in profiles.values()):
        raise CommandError(f"{path}: profiles must be tables, such as [profiles.work]")
    chosen = read.get("profile")
    return (chosen if isinstance(chosen, str) else None), profiles


def profile(name: str | None = None, address: str | None = None) -> Profile:
    """The profile in use, `name` and `address` being what flags say."""
    chosen, profiles = read_profiles()
    name = name or os.environ.get(PROFILE_VARIABLE) or chosen or DEFAULT_PROFILE
    if not _PROFILE_NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name of a profile: letters, digits, dots and hyphens, 64 at most.")
    kept = profiles.get(name, {})
    found = address or os.environ.get(ADDRESS_VARIABLE) or kept.get("address")
    return Profile(name, None if found is None else parse_address(found), kept.get("issuer"))


def save_profile(kept: Profile) -> None:
    """Write `kept` into the file, and take it as the one in use where there was none."""
    chosen, profiles = read_profiles()
    values = {"address": kept.address, "issuer": kept.issuer}
    profiles[kept.name] = {**profiles.get(kept.name, {}), **{key: value for key, value in values.items() if value}}
    lines = [f"profile = {_toml(chosen or kept.name)}", ""]
    for name, entries in profiles.items():
        lines += [f"[profiles.{_toml(name)}]", *(f"{key} = {_toml(value)}" for key, value in entries.items()), ""]
    path = configuration_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".new")
        temporary.write_text("\n".join(lines), encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}") from error


def _toml(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
