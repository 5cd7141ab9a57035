"""Lambda as the event sources see it."""

from __future__ import annotations

from typing import Any, Protocol


class LambdaService(Protocol):
    """Runs functions for the event sources; in tests it may be anything that does."""

    def invoke(self, arn: str, event: Any) -> tuple[Any, bool]:
        """Run the function now: its answer, and whether it failed."""

    def invoke_later(self, arn: str, event: Any) -> None:
        """Hand the event over to be run, and retried, whenever."""
