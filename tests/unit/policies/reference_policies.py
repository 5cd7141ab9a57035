"""Policies once more, slow and obvious, and what to hold the quick ones to it with.

Everything here works on policies as JSON has them, so that the same uses can be put to the pure function and to a
running service. It shares nothing with `signet.domain`: times are found minute by minute, networks bit by bit.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from ipaddress import ip_address
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

Plain = dict[str, Any]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTE = timedelta(minutes=1)

# --- the rules ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Use:
    """One use to be decided, in the words of `POST /policies/explain`."""

    certificates: tuple[str, ...]
    """The certificate's own id, then those it descends from."""
    groups: tuple[str, ...]
    user: str
    user_groups: tuple[str, ...]
    source_ip: str
    process: str | None
    command_line: str | None
    at: datetime

    def explain_body(self) -> Plain:
        """The same question for a running service; groups and renewals are those of the certificate there."""
        stated = {"process": self.process, "command_line": self.command_line}
        body: Plain = {
            "certificate": self.certificates[0],
            "user": self.user,
            "user_groups": list(self.user_groups),
            "at": self.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        if any(stated.values()):
            body["application"] = {name: text for name, text in stated.items() if text}
        if self.source_ip:
            body["source_ip"] = self.source_ip
        return body


def decision(policies: dict[str, Plain], use: Use) -> tuple[bool, str | None]:
    """Whether `use` is allowed, and the id of the policy that says so."""
    matching = {
        policy_id: policy for policy_id, policy in policies.items() if policy["enabled"] and all(matched(policy, use))
    }
    if not matching:
        return False, None
    top = min(policy["priority"] for policy in matching.values())
    first = {policy_id: policy for policy_id, policy in matching.items() if policy["priority"] == top}
    denying = [policy_id for policy_id, policy in first.items() if policy["action"] == "deny"]
    if denying:
        return False, min(denying)
    return True, min(first)


def matched(policy: Plain, use: Use) -> tuple[bool, bool, bool, bool]:
    """Whether What, Who, Where and When match."""
    return what(policy, use), who(policy, use), where(policy, use), when(policy, use)


def what(policy: Plain, use: Use) -> bool:
    named = policy["what"]
    return any(name in named["certificates"] for name in use.certificates) or any(
        name in named["groups"] for name in use.groups
    )


def who(policy: Plain, use: Use) -> bool:
    named = policy["who"]
    return use.user in named["users"] or any(group in named["user_groups"] for group in use.user_groups)


def where(policy: Plain, use: Use) -> bool:
    asked = policy["where"]
    by_process = not asked["processes"] or any(same_process(entry, use.process) for entry in asked["processes"])
    by_command_line = not asked["command_lines"] or any(
        use.command_line and re.search(entry, use.command_line) for entry in asked["command_lines"]
    )
    by_network = not asked["source_networks"] or any(
        in_network(entry, use.source_ip) for entry in asked["source_networks"]
    )
    return bool(by_process and by_command_line and by_network)


def same_process(entry: str, stated: str | None) -> bool:
    if not stated:
        return False
    name = stated.replace("\\", "/").rsplit("/", 1)[-1].lower()
    return bool(name) and _wild(_without_exe(entry.lower()), _without_exe(name))


def _without_exe(name: str) -> str:
    return name[:-4] if name.endswith(".exe") and name != ".exe" else name


def _wild(pattern: str, name: str) -> bool:
    if not pattern:
        return not name
    if pattern[0] == "*":
        return any(_wild(pattern[1:], name[start:]) for start in range(len(name) + 1))
    return bool(name) and name[0] == pattern[0] and _wild(pattern[1:], name[1:])


def in_network(entry: str, stated: str) -> bool:
    address, _, prefix = entry.partition("/")
    if not stated:
        return False
    network_bits, stated_bits = _bits(address), _bits(stated)
    if len(network_bits) != len(stated_bits):
        return False
    length = int(prefix) if prefix else len(network_bits)
    if ":" in address and len(network_bits) == 32:
        length -= 96
    return network_bits[:length] == stated_bits[:length]


def _bits(text: str) -> str:
    packed = ip_address(text).packed
    if packed.startswith(b"\0" * 10 + b"\xff\xff") and len(packed) == 16:
        packed = packed[12:]
    return "".join(f"{byte:08b}" for byte in packed)


def when(policy: Plain, use: Use) -> bool:
    return not policy["when"] or any(in_window(window, use.at) for window in policy["when"])


def in_window(window: Plain, at: datetime) -> bool:
    """Whether the clock on the wall shows a minute of the window, counted out from each day it may have started on."""
    wall = at.astimezone(ZoneInfo(window["time_zone"])).replace(tzinfo=None, fold=0, second=0, microsecond=0)
    return any(
        _may_start(window, day) and wall in _minutes(window, day)
        for day in (wall.date() + timedelta(days=ahead) for ahead in (-2, -1, 0, 1))
    )


def _may_start(window: Plain, day: date) -> bool:
    if window["days"] and DAYS[day.weekday()] not in window["days"]:
        return False
    if window["start_date"] and day.isoformat() < window["start_date"]:
        return False
    return not (window["end_date"] and day.isoformat() > window["end_date"])


def _minutes(window: Plain, day: date) -> set[datetime]:
    minute = datetime.combine(day, time())
    if not window["start_time"]:
        return {minute + n * MINUTE for n in range(24 * 60)}
    while f"{minute:%H:%M}" != window["start_time"]:
        minute += MINUTE
    minutes = set()
    while f"{minute:%H:%M}" != window["end_time"]:
        minutes.add(minute)
        minute += MINUTE
    return minutes


# --- what to hold to them ----------------------------------------------------------------------------------------

ZONES = ("UTC", "Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Kiritimati")

# The nights on which clocks change in those zones, and days on which nothing happens.
DATES = (
    date(2026, 3, 8),
    date(2026, 3, 29),
    date(2026, 4, 5),
    date(2026, 10, 4),
    date(2026, 10, 25),
    date(2026, 11, 1),
    date(2026, 11, 20),
    date(2026, 12, 31),
    date(2028, 2, 29),
)
TIMES = ("00:00", "00:01", "01:30", "02:00", "02:15", "02:30", "03:00", "08:00", "18:00", "22:00", "23:59")
PROCESSES = ("signtool", "SignTool.exe", "sign*", "*", "*tool", "s*n*l", "jarsigner", "*.exe", "java*.exe")
STATED_PROCESSES = (
    None,
    "",
    "signtool",
    "SIGNTOOL.EXE",
    r"C:\Program Files\SignTool.exe",
    "/usr/bin/jarsigner",
    "javaw.exe",
    "sign",
    "/tmp/",
)
COMMAND_LINES = ("sha256", "^signtool ", "(a+)+$", r"/fd\s+sha(256|384)", "release-[0-9]+")
STATED_COMMAND_LINES = (None, "", "signtool sign /fd sha256 x.exe", "jarsigner release-7", "aaaa", "b")
NETWORKS = (
    "203.0.113.0/24",
    "203.0.113.7",
    "203.0.112.0/23",
    "0.0.0.0/0",
    "2001:db8::/32",
    "::/0",
    "::ffff:203.0.113.0/120",
)
STATED_ADDRESSES = ("", "203.0.113.7", "203.0.112.255", "198.51.100.1", "2001:db8::1", "::ffff:203.0.113.9", "::1")


def _some(values: Sequence[str], most: int = 3) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), max_size=most, unique=True)


def _maybe(values: Sequence[str]) -> st.SearchStrategy[str | None]:
    return st.none() | st.sampled_from(values)


@st.composite
def windows(draw: st.DrawFn) -> Plain:
    """A window of time as JSON has it."""
    start_date, end_date = sorted(draw(st.tuples(st.sampled_from(DATES), st.sampled_from(DATES))))
    start_time, end_time = draw(st.lists(st.sampled_from(TIMES), min_size=2, max_size=2, unique=True))
    with_times = draw(st.booleans())
    return {
        "days": sorted(draw(_some(DAYS, 5)), key=DAYS.index),
        "start_date": start_date.isoformat() if draw(st.booleans()) else None,
        "end_date": end_date.isoformat() if draw(st.booleans()) else None,
        "start_time": start_time if with_times else None,
        "end_time": end_time if with_times else None,
        "time_zone": draw(st.sampled_from(ZONES)),
    }


@st.composite
def policies(
    draw: st.DrawFn,
    *,
    certificates: Sequence[str],
    groups: Sequence[str],
    users: Sequence[str],
    user_groups: Sequence[str],
) -> Plain:
    """The body of a policy about some of these."""
    body: Plain = {
        "name": draw(st.text("abcdefgh", min_size=8, max_size=12)),
        "description": "",
        "enabled": draw(st.sampled_from((True, True, True, False))),
        "action": draw(st.sampled_from(("allow", "allow", "deny"))),
        "priority": draw(st.integers(0, 3)),
        "what": {"certificates": sorted(draw(_some(certificates))), "groups": sorted(draw(_some(groups)))},
        "who": {"users": sorted(draw(_some(users))), "user_groups": sorted(draw(_some(user_groups)))},
        "where": {"processes": [], "command_lines": [], "source_networks": []},
        "when": draw(st.just([]) | st.lists(windows(), max_size=2)),
    }
    if not body["what"]["certificates"] and not body["what"]["groups"]:
        body["what"]["certificates"] = [draw(st.sampled_from(certificates))]
    if not body["who"]["users"] and not body["who"]["user_groups"]:
        body["who"]["users"] = [draw(st.sampled_from(users))]
    if draw(st.booleans()):
        body["where"] = {
            "processes": draw(_some(PROCESSES, 2)),
            "command_lines": draw(_some(COMMAND_LINES, 2)),
            "source_networks": draw(_some(NETWORKS, 2)),
        }
    return body


@st.composite
def uses(
    draw: st.DrawFn,
    *,
    certificates: Sequence[str],
    groups: Sequence[str],
    users: Sequence[str],
    user_groups: Sequence[str],
) -> Use:
    """A use of some of these; moments are close to where windows begin and end, and clocks change."""
    own_and_renewed_ids = draw(st.lists(st.sampled_from(certificates), min_size=1, max_size=3, unique=True))
    return Use(
        certificates=tuple(own_and_renewed_ids),
        groups=tuple(draw(_some(groups))),
        user=draw(st.sampled_from(users)),
        user_groups=tuple(draw(_some(user_groups))),
        source_ip=draw(st.sampled_from(STATED_ADDRESSES)),
        process=draw(st.sampled_from(STATED_PROCESSES)),
        command_line=draw(st.sampled_from(STATED_COMMAND_LINES)),
        at=draw(moments()),
    )


@st.composite
def moments(draw: st.DrawFn) -> datetime:
    """A moment near a time of day that a window could begin or end at, on or beside one of the days."""
    wall = datetime.fromisoformat(f"{draw(st.sampled_from(DATES))}T{draw(st.sampled_from(TIMES))}")
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    moment = (wall + timedelta(days=draw(st.integers(-1, 1)))).replace(tzinfo=zone, fold=draw(st.integers(0, 1)))
    return moment.astimezone(UTC) + timedelta(seconds=draw(st.sampled_from((-61, -60, -1, 0, 1, 60, 3600))))
