"""The expiry check: which stage a certificate has reached, and whether that is still to be told."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from signet.domain.access.principal import Principal
from signet.domain.certificates.certificate import EXPIRED_STAGE, Certificate, Usage
from signet.domain.errors import InvalidInputError
from signet.domain.events.event import Event, EventType, certificate_event, next_event_id
from signet.domain.moments import parse_rfc3339, rfc3339

FURTHEST_AHEAD = timedelta(days=1)
"""A check as of a moment further ahead is a rehearsal, unless the deployment allows it."""

CHECKER = Principal("automation/signet")
"""Who flags certificates, in the audit record. No event from outside acts under this name."""

_LAST_MOMENT = datetime.max.replace(tzinfo=UTC)


def moment_of_check(time: object) -> datetime:
    """The "now" of a check: the `time` of the event that asks for it.

    Raises:
        InvalidInputError: there is none, or it is not one; a check that guessed would announce the wrong things.
    """
    if not isinstance(time, str):
        raise InvalidInputError.at("time", "the event must say as of when to check, such as 2026-11-22T06:00:00Z")
    try:
        return parse_rfc3339(time)
    except (ValueError, OverflowError):
        raise InvalidInputError.at("time", "must be a date and time with an offset (RFC 3339)") from None


def last_due(now: datetime, stages: Sequence[int]) -> datetime:
    """The latest end at which a certificate has reached a stage at `now`."""
    widest = timedelta(days=max(stages, default=0))
    return _LAST_MOMENT if now > _LAST_MOMENT - widest else now + widest


def stage_reached(not_after: datetime, now: datetime, stages: Sequence[int]) -> int | None:
    """The tightest of `stages`, days before `not_after`, that `now` has reached; 0 for expired, None for none yet."""
    #        not_after - 30 d      not_after - 7 d       not_after
    #   None |------- 30 ---------|------- 7 -----------|  0
    #
    # All bounds are inclusive, and a certificate is still valid at `not_after` itself (RFC 5280, 4.1.2.5).
    if now > not_after:
        return EXPIRED_STAGE
    left = not_after - now
    return min((stage for stage in stages if left <= timedelta(days=stage)), default=None)


def stage_to_announce(certificate: Certificate, now: datetime, stages: Sequence[int]) -> int | None:
    """The stage that is to be announced of `certificate` at `now`: reached, and not covered by a tighter one or itself.

    A renewed certificate is left alone.
    """
    if certificate.renewed_by is not None:
        return None
    stage = stage_reached(certificate.facts.not_after, now, stages)
    told = certificate.flagged_stage
    return stage if stage is not None and (told is None or stage < told) else None


def wants_renewal(certificate: Certificate, stage: int) -> bool:
    """Whether `certificate` asks to be renewed by `stage`, and no renewal waits yet."""
    by = certificate.renew_at_stage
    return by is not None and stage <= by and certificate.pending_request is None


def expiry_event(certificate: Certificate, stage: int, *, at: datetime, now: datetime, usage: Usage) -> Event:
    """The event of now that announces `stage`, reached as of `at`. The version stays: it counts what people set."""
    event_id = next_event_id(now, certificate.last_event, usage.last_event)
    days = certificate.days_left(at)
    kind = EventType.CERTIFICATE_EXPIRED if stage == EXPIRED_STAGE else EventType.CERTIFICATE_EXPIRING
    detail = {"stage": stage, "days_to_expiry": days}
    announcing = {} if stage == EXPIRED_STAGE else detail
    return certificate_event(kind, certificate, CHECKER, event_id, detail=detail, announcing=announcing)


@dataclass(slots=True)
class ExpiryReport:
    """What one check did, or, as a rehearsal, would do."""

    now: datetime
    flagged: dict[int, int]
    """How many, by stage."""
    looked_at: int = 0
    expired: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)
    """Ids of the certificates that could not be checked, each with the reason."""
    stopped_early: bool = False
    """Time ran short: the next check goes on."""
    rehearsal: bool = False
    """As of a day to come: nothing was written."""

    @classmethod
    def begin(cls, now: datetime, stages: Sequence[int], *, rehearsal: bool) -> "ExpiryReport":
        """Nothing done so far."""
        return cls(now, dict.fromkeys(sorted(stages, reverse=True), 0), rehearsal=rehearsal)

    def count(self, stage: int) -> None:
        """One more has reached `stage`."""
        if stage == EXPIRED_STAGE:
            self.expired += 1
        else:
            self.flagged[stage] += 1

    def summary(self) -> dict[str, Any]:
        """As JSON (contract, section 9)."""
        return {
            "now": rfc3339(self.now),
            "looked_at": self.looked_at,
            "flagged": {str(stage): number for stage, number in self.flagged.items()},
            "expired": self.expired,
            "failed": len(self.failures),
            # Only where there is something to say.
            **({"stopped_early": True} if self.stopped_early else {}),
            **({"rehearsal": True} if self.rehearsal else {}),
        }


def is_rehearsal(at: datetime, now: datetime, *, allowed: bool) -> bool:
    """Whether a check as of `at` may only report, because it would silence the real warnings."""
    return not allowed and at - now > FURTHEST_AHEAD
