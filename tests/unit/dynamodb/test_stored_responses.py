"""How long an answer is believed that is kept for a repeat."""

from datetime import UTC, datetime
from typing import Any

from signet.adapters.dynamodb.stored_responses import StoredResponses
from signet.adapters.dynamodb.tables import IdempotencyRow

NOW = datetime(2026, 11, 22, 13, tzinfo=UTC)
ANY: Any = None


class Now:
    def now(self) -> datetime:
        return NOW


def row(seconds: int) -> IdempotencyRow:
    """One that expires in so many seconds; DynamoDB deletes it only some days after."""
    return IdempotencyRow("1", fingerprint="same", body=b"{}", expires_at=int(NOW.timestamp()) + seconds)


def test_it_is_believed_to_its_last_second_and_not_from_then_on() -> None:
    responses = StoredResponses(ANY, Now(), ANY)

    assert responses.read(row(1)) is not None
    assert responses.read(row(0)) is None
    assert responses.read(row(-100)) is None
