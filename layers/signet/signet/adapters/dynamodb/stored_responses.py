"""What repeats of a request are answered, in the table of idempotency."""

from collections.abc import Sequence

from pynamodb.expressions.condition import Condition

from signet.adapters.dynamodb.database import Database, Write, delete, put
from signet.adapters.dynamodb.tables import IdempotencyRow
from signet.ports.clock import Clock
from signet.ports.idempotency import IdempotencyKey, StoredResponse
from signet.ports.keys import PinHasher

KEPT_ANSWER_SECONDS = 24 * 60 * 60

CLAIM_SECONDS = 30
"""How long a request of several transactions is believed to be under way: no function runs longer for a caller."""

_UNDER_WAY = b""
_LEFT_OFF = b"left off"
"""In place of an answer, which is JSON."""


class StoredResponses:
    """Answers under the idempotency keys of their requests, each believed for 24 hours."""

    def __init__(self, database: Database, clock: Clock, pins: PinHasher) -> None:
        self._database = database
        self._clock = clock
        self._pins = pins

    def read(self, row: IdempotencyRow | None) -> StoredResponse | None:
        """The response that `row` holds, unless it has expired."""
        if row is None or row.expires_at <= self._clock.now().timestamp():
            return None  # DynamoDB deletes what has expired only some days after.

        def came_with(secrets: str) -> bool:
            stored: str | None = row.secrets
            return not secrets if stored is None else self._pins.matches(secrets, stored)

        subjects = tuple(filter(None, (row.subjects or "").split(",")))
        if row.body == _LEFT_OFF:
            return StoredResponse(row.fingerprint, _UNDER_WAY, left_off=subjects)
        return StoredResponse(row.fingerprint, row.body, subjects, came_with)

    def first(self, idempotency: IdempotencyKey, result: object, about: Sequence[str]) -> Write:
        """Keep `result` as the response to `idempotency`, if there is none yet."""
        now = self._now()
        return put(self._row(idempotency, result, about, now), _unused(now))

    def begin(self, idempotency: IdempotencyKey) -> None:
        """Begin what takes several transactions: whoever sends the same request now waits for its answer."""
        now = self._now()
        row = IdempotencyRow(
            idempotency.id, fingerprint=idempotency.fingerprint, body=_UNDER_WAY, expires_at=now + CLAIM_SECONDS
        )
        self._database.commit([put(row, _unused(now) | (IdempotencyRow.body == _LEFT_OFF))])

    def complete(self, idempotency: IdempotencyKey, result: object, about: Sequence[str]) -> None:
        """Keep the response to what was begun."""
        self._database.commit([put(self._row(idempotency, result, about, self._now()))])

    def abandon(self, idempotency: IdempotencyKey) -> None:
        """Give up what was begun: only successes are kept."""
        self._database.commit([delete(IdempotencyRow(idempotency.id), IdempotencyRow.body == _UNDER_WAY)])

    def leave_off(self, idempotency: IdempotencyKey, done: Sequence[str]) -> None:
        """Give up what was begun, and note by place what was `done`, or may have been."""
        row = IdempotencyRow(
            idempotency.id,
            fingerprint=idempotency.fingerprint,
            body=_LEFT_OFF,
            subjects=",".join(done),
            expires_at=self._now() + KEPT_ANSWER_SECONDS,
        )
        self._database.commit([put(row, IdempotencyRow.body == _UNDER_WAY)])

    def _row(self, idempotency: IdempotencyKey, result: object, about: Sequence[str], now: int) -> IdempotencyRow:
        return IdempotencyRow(
            idempotency.id,
            fingerprint=idempotency.fingerprint,
            body=idempotency.render(result),
            subjects=",".join(about),
            secrets=self._pins.hash_text(idempotency.secrets) if idempotency.secrets else None,
            expires_at=now + KEPT_ANSWER_SECONDS,
        )

    def _now(self) -> int:
        return int(self._clock.now().timestamp())


def _unused(now: int) -> Condition:
    unused: Condition = IdempotencyRow.pk.does_not_exist() | (IdempotencyRow.expires_at <= now)
    return unused
