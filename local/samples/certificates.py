"""The certificates of the samples: one in each state that the table of certificates can show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

DAY = timedelta(days=1)
PIN = "2468"
OWNER = "local/alice"


@dataclass(frozen=True)
class Sample:
    """One certificate to import."""

    alias: str
    description: str
    begins: timedelta
    """From now; negative for the past."""
    ends: timedelta
    imported: int
    """How many days ago it was brought in."""
    rsa: bool = False
    owned: bool = True
    """Whether Alice owns it; without an owner, policies alone say who may use it."""
    group: str | None = None
    """The name of its certificate group."""
    overrides: Mapping[str, Any] = field(default_factory=dict)
    """Further fields of the import."""


SAMPLES = (
    Sample("release", "Signs releases", -45 * DAY, 320 * DAY, 42, rsa=True),
    Sample("nightly", "Expires in twelve days", -353 * DAY, 12 * DAY + timedelta(hours=1), 42),
    Sample("archive", "Expired last month", -395 * DAY, -30 * DAY, 42),
    Sample("retired", "Disabled", -100 * DAY, 265 * DAY, 41),
    Sample(
        "production",
        f"Asks for a PIN, which is {PIN}, and for a reason",
        -10 * DAY,
        355 * DAY,
        9,
        overrides={"pin": PIN, "ask_for_reason": True},
    ),
    Sample("drivers", "Windows drivers, signed at work alone", -44 * DAY, 321 * DAY, 41, owned=False, group="Windows"),
    Sample(
        "installers", "The installers of our customers", -90 * DAY, 60 * DAY, 41, rsa=True, owned=False, group="Windows"
    ),
    Sample("mobile-app", "Being renewed", -362 * DAY, 3 * DAY, 40, group="Mobile"),
    Sample("firmware", "From next week on", 5 * DAY, 370 * DAY, 6, owned=False, group="Devices"),
    Sample(
        "documents",
        "Contracts and invoices",
        -200 * DAY,
        165 * DAY,
        40,
        group="Documents",
        overrides={"ask_for_reason": True},
    ),
)
"""Those that are there in the end."""

TRIAL = Sample("trial", "To try things out", -50 * DAY, 315 * DAY, 42)
"""One that was deleted again; its events stay."""
