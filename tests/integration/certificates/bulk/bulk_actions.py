"""An action on many certificates, and what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.support.services.over_http import Client

ACTIONS = "/certificates/actions"
NOWHERE = "crt_000000000000000000000000"


def act(by: Client, action: str, certificates: Sequence[str], **fields: Any) -> dict[str, Any]:
    body = {"action": action, "certificates": list(certificates), **fields}
    report: dict[str, Any] = by.good("POST", ACTIONS, body)
    return report


def outcomes(report: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    """What came of each: as it was named, the outcome, the code."""
    return [(one["certificate"], one["outcome"], one.get("problem", {}).get("code")) for one in report["results"]]
