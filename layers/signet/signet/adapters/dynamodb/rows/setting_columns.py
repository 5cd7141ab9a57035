"""The settings of a certificate, or of a signing request, as they are stored, and back."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from signet.domain.certificates.alias import Alias
from signet.domain.certificates.certificate_settings import CertificateSettings

_DEFAULTS: dict[str, Any] = {each.name: each.default for each in fields(CertificateSettings) if each.name != "alias"}


def settings_columns(settings: CertificateSettings) -> dict[str, Any]:
    """What is stored of `settings`, by name."""
    return {**settings.settings, "alias": settings.alias.text, "groups": list(settings.groups)}


def settings_from(stored: Callable[[str], Any]) -> dict[str, Any]:
    """The settings of what was `stored`, by name; what was stored before a setting existed has its default."""
    found = {name: default if (value := stored(name)) is None else value for name, default in _DEFAULTS.items()}
    if (alias := stored("alias")) is None:
        raise ValueError("what was stored lacks an alias, which every certificate has")
    return {**found, "alias": Alias(alias), "groups": tuple(found["groups"])}
