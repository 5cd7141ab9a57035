"""Which settings of a certificate are to change."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from signet.domain.access.role import Permission
from signet.domain.certificates.alias import Alias
from signet.domain.certificates.certificate import Certificate
from signet.domain.signing.pin import Pin


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
    def needs(self) -> tuple[Permission, ...]:
        """The owner has a permission of its own; and who has renewals asked for could ask for one now."""
        settings = (self.alias, self.description, self.ask_for_reason, self.pin, self.renew_at_stage)
        edits = any(value is not KEEP for value in settings)
        needed = {
            Permission.EDIT_CERTIFICATES: edits or self.owner is KEEP,
            Permission.SET_OWNER: self.owner is not KEEP,
            Permission.CREATE_SIGNING_REQUESTS: self.renew_at_stage not in {KEEP, None},
        }
        return tuple(permission for permission, is_needed in needed.items() if is_needed)

    def applied_to(self, certificate: Certificate, hash_pin: Callable[[Pin], str]) -> Certificate:
        """`certificate` with these settings."""
        pin_hash = certificate.pin_hash
        if self.pin is not KEEP:
            pin_hash = hash_pin(self.pin) if self.pin is not None else None
        return replace(
            certificate,
            alias=certificate.alias if self.alias is KEEP else self.alias,
            description=certificate.description if self.description is KEEP else self.description,
            owner=certificate.owner if self.owner is KEEP else self.owner,
            ask_for_reason=certificate.ask_for_reason if self.ask_for_reason is KEEP else self.ask_for_reason,
            pin_hash=pin_hash,
            renew_at_stage=certificate.renew_at_stage if self.renew_at_stage is KEEP else self.renew_at_stage,
        )


def changes_between(before: Certificate, after: Certificate) -> Mapping[str, Any]:
    """What changed, from what to what; of a PIN only whether there is one."""
    pairs = {
        "alias": (before.alias.text, after.alias.text),
        "description": (before.description, after.description),
        "owner": (before.owner, after.owner),
        "ask_for_reason": (before.ask_for_reason, after.ask_for_reason),
        "renew_at_stage": (before.renew_at_stage, after.renew_at_stage),
    }
    changes: dict[str, Any] = {name: {"from": old, "to": new} for name, (old, new) in pairs.items() if old != new}
    if before.pin_hash != after.pin_hash:
        changes["pin"] = {"from": _pin_state(before), "to": _pin_state(after)}
    return changes


def _pin_state(certificate: Certificate) -> str:
    return "none" if certificate.pin_hash is None else "set"
