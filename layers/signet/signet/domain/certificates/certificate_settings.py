"""What people set of a certificate: the one home of its settings.

A setting is a field of `CertificateSettings`, which has its value, and of `CertificateUpdate`, which asks for another.
From these two follow what is stored, what a renewal takes over, what an import and an update do, and what their events
say has changed. What a caller sends and is shown is said in `api/bodies/certificate_bodies.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

from signet.domain.access.role import Permission
from signet.domain.certificates.alias import Alias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from signet.domain.signing.pin import Pin


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateSettings:
    """The settings of a certificate, or of a signing request for the certificate to come."""

    alias: Alias
    """Of a request: held while it is pending; of a renewal, that of the certificate to renew."""
    description: str = ""
    owner: str | None = None
    ask_for_reason: bool = False
    renew_at_stage: int | None = None
    """At which stage of its expiry the expiry check asks for its renewal by itself."""
    pin_hash: str | None = field(default=None, repr=False)
    """A salted, slow hash; never shown."""
    groups: tuple[str, ...] = ()
    """Ids of the certificate groups it is in, or is to go into, in the order they were joined."""

    @property
    def settings(self) -> dict[str, Any]:
        """The settings alone, by name."""
        return {name: getattr(self, name) for name in SETTINGS}


SETTINGS = tuple(each.name for each in fields(CertificateSettings))

Settings = TypeVar("Settings", bound=CertificateSettings)


class Keep(Enum):
    """The field was not given: it stays as it is, which null would not say."""

    KEEP = "keep"


KEEP = Keep.KEEP


@dataclass(frozen=True, slots=True)
class CertificateUpdate:
    """The settings to change; parsed."""

    alias: Alias | Keep = KEEP
    description: str | Keep = KEEP
    owner: str | Keep | None = KEEP
    """None takes the owner away."""
    ask_for_reason: bool | Keep = KEEP
    pin: Pin | Keep | None = field(default=KEEP, repr=False)
    """None takes the PIN away."""
    renew_at_stage: int | Keep | None = KEEP

    @property
    def given(self) -> dict[str, Any]:
        """What is to change, by name."""
        found = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in found.items() if value is not KEEP}

    @property
    def needs(self) -> tuple[Permission, ...]:
        """The owner has a permission of its own; and who has renewals asked for could ask for one now."""
        needed = {
            Permission.EDIT_CERTIFICATES: set(self.given) != {"owner"},
            Permission.SET_OWNER: self.owner is not KEEP,
            Permission.CREATE_SIGNING_REQUESTS: self.renew_at_stage not in {KEEP, None},
        }
        return tuple(permission for permission, is_needed in needed.items() if is_needed)

    def applied_to(self, before: Settings, hash_pin: Callable[[Pin], str]) -> Settings:
        """`before` with these settings."""
        given = self.given
        if "pin" in given:
            pin = given.pop("pin")
            given["pin_hash"] = None if pin is None else hash_pin(pin)
        return replace(before, **given)


def setting_changes(before: CertificateSettings, after: CertificateSettings) -> Mapping[str, Any]:
    """What changed, from what to what; of a PIN only whether there is one. Groups change by rights of their own."""
    changes: dict[str, Any] = {}
    for name in SETTINGS:
        old, new = getattr(before, name), getattr(after, name)
        if old == new or name == "groups":
            continue
        if name == "pin_hash":
            changes["pin"] = {"from": _pin_state(before), "to": _pin_state(after)}
        else:
            changes[name] = {"from": _plain(old), "to": _plain(new)}
    return changes


def _plain(value: object) -> object:
    return value.text if isinstance(value, Alias) else value


def _pin_state(settings: CertificateSettings) -> str:
    return "none" if settings.pin_hash is None else "set"
