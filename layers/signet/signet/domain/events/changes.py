"""What an event tells of a change."""

from collections.abc import Mapping
from typing import Any


def changes_between(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, Any]:
    """What of `after` is not as `before`: by name, from what to what."""
    return {name: {"from": before[name], "to": new} for name, new in after.items() if new != before[name]}
