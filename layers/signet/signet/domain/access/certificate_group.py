"""A named set of certificates."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from signet.domain.field_errors import ObjectReader, changed
from signet.domain.text.display_name import parse_description, parse_name

MAX_CERTIFICATE_LIMIT = 1_000_000


@dataclass(frozen=True, slots=True)
class CertificateGroupSettings:
    """Everything of a certificate group that people set."""

    name: str
    description: str = ""
    certificate_limit: int | None = None
    """How many certificates it may hold, renewed ones not counted; None for any number."""

    @classmethod
    def parse(cls, plain: Mapping[str, Any]) -> "CertificateGroupSettings":
        """Accept the body of a certificate group, plain values as JSON gives them, with its fields and types.

        Raises:
            InvalidInputError: with the path of every field that is wrong.
        """
        reader = ObjectReader(plain)
        settings = cls(
            name=reader.text("name", parse_name, ""),
            description=reader.text("description", parse_description, ""),
            certificate_limit=reader.whole_number(
                "certificate_limit", least=0, most=MAX_CERTIFICATE_LIMIT, default=None
            ),
        )
        reader.finish()
        return settings

    @classmethod
    def restore(cls, plain: Mapping[str, Any]) -> "CertificateGroupSettings":
        """What `plain` made, read from where it was stored: it was judged when it was set, and is not judged again."""
        return cls(plain["name"], plain["description"], plain["certificate_limit"])

    def changed(self, changes: Mapping[str, Any]) -> "CertificateGroupSettings":
        """These settings with `changes`, of which only what is newly set is judged; raises as `parse` does."""
        return changed(self, changes, self.parse, {"name": "x"})

    def plain(self) -> dict[str, object]:
        """As JSON has it; `parse` makes the same settings of it."""
        return {
            "name": self.name,
            "description": self.description,
            "certificate_limit": self.certificate_limit,
        }

    def has_room_for(self, more: int, *, beside: int) -> bool:
        """Whether `more` certificates may join the `beside` that are counted in it."""
        return self.certificate_limit is None or beside + more <= self.certificate_limit


@dataclass(frozen=True, slots=True)
class CertificateGroup:
    """A certificate group under its id."""

    id: str
    settings: CertificateGroupSettings
    created_at: datetime
    created_by: str
    updated_at: datetime
    certificate_count: int = 0
    """Certificates in it that no renewal has replaced."""
    version: int = 1
    """Counts changes of settings, not of members."""
