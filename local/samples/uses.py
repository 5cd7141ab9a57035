"""Who asked for a signature with what, and when: day by day for some weeks, and within the last hour."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from local.samples.certificates import PIN, SAMPLES
from local.samples.steps import Call, Days, ExpiryCheck

FIRST_DAY = 39
"""So many days ago the first signature was made."""

AT_HOME = "203.0.113.7"
SIGNTOOL = {"process": "signtool", "command_line": "signtool sign /fd SHA256 display.sys"}
NIGHTLY_BUILD = {"process": "msbuild", "command_line": "msbuild setup.sln /t:Sign"}

_RSA = {sample.alias for sample in SAMPLES if sample.rsa}


@dataclass(frozen=True)
class Habit:
    """What somebody does day by day."""

    user: str
    certificate: str
    since: int
    """The first day, counted back from today."""
    until: int
    clock: str
    """When the first signature of a day is made, in UTC; the others within the hours after."""
    times: Sequence[int]
    """How many a day: one of these."""
    weekends: bool = False
    application: Mapping[str, str] | None = None
    reasons: Sequence[str] = ()
    pin: str | None = None


HABITS = (
    Habit("build", "installers", FIRST_DAY, 1, "22:40", (1,), weekends=True, application=NIGHTLY_BUILD),
    Habit("wendy", "drivers", FIRST_DAY, 1, "08:20", (0, 1, 2, 2), application=SIGNTOOL),
    Habit("alice", "release", FIRST_DAY, 1, "09:05", (1, 2, 2)),
    Habit("alice", "nightly", FIRST_DAY, 21, "21:10", (1,)),
    Habit("alice", "nightly", 18, 1, "21:10", (0, 1, 1)),
    Habit("alice", "mobile-app", FIRST_DAY, 4, "13:30", (0, 0, 1, 1)),
    Habit("alice", "archive", FIRST_DAY, 32, "10:15", (1, 2)),
    Habit("alice", "retired", FIRST_DAY, 17, "14:10", (0, 1)),
    Habit("alice", "trial", FIRST_DAY, 34, "12:00", (1,)),
    Habit("alice", "documents", FIRST_DAY, 1, "11:40", (0, 1, 1), reasons=("Contract", "Invoice")),
    Habit("bob", "documents", 29, 13, "07:50", (0, 1, 2), reasons=("Offer",)),
    # Only so often: a PIN takes a tenth of a second to look at.
    Habit("alice", "production", 8, 7, "15:15", (1,), weekends=True, reasons=("Release",), pin=PIN),
)

REFUSED: tuple[tuple[int, str, str, str, str, Mapping[str, Any]], ...] = (
    (37, "10:50", "bob", "release", "not_found", {}),
    (36, "11:31", "alice", "documents", "reason_required", {}),
    (33, "09:12", "wendy", "drivers", "not_allowed_by_policy", {"application": {"process": "powershell"}}),
    (31, "08:44", "bob", "documents", "not_found", {"reason": "Offer 118"}),
    (29, "10:16", "alice", "archive", "certificate_expired", {}),
    (27, "10:21", "alice", "archive", "certificate_expired", {}),
    (26, "12:02", "build", "installers", "not_allowed_by_policy", {"application": NIGHTLY_BUILD}),
    (22, "19:48", "wendy", "drivers", "not_allowed_by_policy", {"application": SIGNTOOL}),
    (20, "21:10", "alice", "nightly", "certificate_disabled", {}),
    (18, "11:33", "alice", "documents", "reason_required", {}),
    (15, "14:12", "alice", "retired", "certificate_disabled", {}),
    (14, "14:30", "alice", "retired", "certificate_disabled", {}),
    (11, "08:10", "bob", "documents", "not_found", {"reason": "Offer 131"}),
    (10, "08:03", "bob", "documents", "not_found", {"reason": "Offer 131"}),
    (8, "14:58", "alice", "production", "reason_required", {"pin": PIN}),
    (8, "15:02", "alice", "production", "pin_required", {"reason": "Release 7.0"}),
    (5, "10:10", "alice", "firmware", "certificate_not_yet_valid", {}),
    (4, "20:15", "wendy", "drivers", "not_allowed_by_policy", {"application": SIGNTOOL}),
    (2, "11:36", "alice", "documents", "reason_required", {}),
)
"""How many days ago and when, who, with what, the code of the refusal, and what else the order said."""

LATELY: tuple[tuple[str, str, Mapping[str, Any], int, str | None], ...] = (
    ("alice", "release", {}, 3, None),
    ("alice", "documents", {"reason": "Contract 2041"}, 2, None),
    ("alice", "documents", {}, 1, "reason_required"),
    ("alice", "retired", {}, 1, "certificate_disabled"),
    ("alice", "archive", {}, 1, "certificate_expired"),
    ("bob", "release", {}, 2, "not_found"),
    ("wendy", "drivers", {}, 1, "not_allowed_by_policy"),
    ("alice", "production", {"reason": "Release 7.2", "pin": "1111"}, 1, "pin_wrong"),
)
"""Who asked within the last hour, with what, what else the order said, how often, and the code of the refusal."""


def lately(days: Days) -> Iterator[Call]:
    """The uses of the last hour."""
    asked = [use for use in LATELY for _ in range(use[3])]
    for number, (user, certificate, fields, _, refused) in enumerate(asked):
        at = days.now - timedelta(minutes=3) * (len(asked) - number)
        yield _use(at, user, certificate, fields, refused=refused)


def weeks(days: Days) -> Iterator[Call | ExpiryCheck]:
    """Every day's uses, and the daily check of what expires, up to now."""
    drawn = random.Random(2027)  # noqa: S311 - the same draw at each start, and no secret
    for ago in range(FIRST_DAY, 0, -1):
        for habit in HABITS:
            if habit.until <= ago <= habit.since and (habit.weekends or not days.weekend(ago)):
                yield from _of_a_day(habit, days.at(ago, habit.clock), drawn)
        if days.saturday(ago):
            at = days.at(ago, "10:25")
            order = {"application": SIGNTOOL}
            yield _use(at, "wendy", "drivers", order, refused="not_allowed_by_policy", source_ip=AT_HOME)
    for ago, clock, user, certificate, refused, fields in REFUSED:
        yield _use(days.at(ago, clock), user, certificate, fields, refused=refused)
    for ago in range(FIRST_DAY + 2, -1, -1):
        if (at := days.at(ago, "06:00")) < days.now:
            yield ExpiryCheck(at)


def _of_a_day(habit: Habit, first: datetime, drawn: random.Random) -> Iterator[Call]:
    at = first
    for _ in range(drawn.choice(habit.times)):
        at += timedelta(seconds=drawn.randrange(60, 3600))
        fields: dict[str, Any] = {}
        if habit.reasons:
            fields["reason"] = f"{drawn.choice(habit.reasons)} {drawn.randrange(1000, 3000)}"
        if habit.pin:
            fields["pin"] = habit.pin
        if habit.application:
            fields["application"] = habit.application
        yield _use(at, habit.user, habit.certificate, fields)


def _use(
    at: datetime,
    user: str,
    certificate: str,
    fields: Mapping[str, Any],
    *,
    refused: str | None = None,
    source_ip: str | None = None,
) -> Call:
    order = {
        "message": base64.b64encode(f"{certificate} of {at}".encode()).decode(),
        "message_type": "RAW",
        "signing_algorithm": "RSASSA_PSS_SHA_256" if certificate in _RSA else "ECDSA_SHA_256",
        **fields,
    }
    return Call(at, user, "POST", f"/v1/certificates/{certificate}/sign", order, refused=refused, source_ip=source_ip)
