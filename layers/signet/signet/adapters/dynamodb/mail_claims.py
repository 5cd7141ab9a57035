"""Who may send the mail about an event: one at a time, and nobody once it is sent; in the table of idempotency."""

import secrets

from signet.adapters.dynamodb.database import Database, delete, put
from signet.adapters.dynamodb.tables import IdempotencyRow
from signet.domain.errors import BusyError, ChangedMeanwhileError, UnavailableError
from signet.observability import logger
from signet.ports.announcements import MailClaim
from signet.ports.clock import Clock

LEASE_SECONDS = 50
"""Longer than the function may run, 45 s, and shorter than Lambda waits before it tries again, a minute (AWS Lambda
Developer Guide, asynchronous invocation): when one run was stopped, the next one may send."""

KEPT_SECONDS = 20 * 366 * 24 * 3600
"""An event can be announced again as long as it is stored, which is for good: so the claim lasts
longer than anybody will announce a warning again."""

_NOTHING = b'{"body": ""}'


class IdempotencyTableMailClaims:
    """`MailClaims`, on DynamoDB: one conditional write to begin, one to keep."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def begin(self, event_id: str) -> MailClaim | None:
        """Claim the mail about an event; None where it is sent already, or somebody is about to."""
        now = self._now()
        claim = MailClaim(event_id, secrets.token_hex(8))
        free = IdempotencyRow.pk.does_not_exist() | (IdempotencyRow.expires_at <= now)
        try:
            self._database.commit([put(_row(claim, now + LEASE_SECONDS), free)])
        except ChangedMeanwhileError:
            return None
        return claim

    def keep(self, claim: MailClaim) -> None:
        """Nobody sends this mail again, whoever holds the claim by now.

        Nothing is raised: a function that failed here would be run again, and send the mail again.
        """
        try:
            self._database.commit([put(_row(claim, self._now() + KEPT_SECONDS))])
        except (UnavailableError, BusyError) as error:
            logger.error(
                "a mail was sent, and its claim could not be kept", event_id=claim.event_id, because=str(error)
            )

    def give_up(self, claim: MailClaim) -> None:
        """Let another run try at once. Nothing is done where another run has the claim by now."""
        row = _row(claim, 0)
        try:
            self._database.commit([delete(row, IdempotencyRow.fingerprint == claim.token)])
        except ChangedMeanwhileError:
            return

    def _now(self) -> int:
        return int(self._clock.now().timestamp())


def _row(claim: MailClaim, expires_at: int) -> IdempotencyRow:
    return IdempotencyRow(f"mail#{claim.event_id}", fingerprint=claim.token, body=_NOTHING, expires_at=expires_at)
