"""Who may sign with what, from where and when."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Protocol, TypeAlias

from signet.domain.access.user_name import is_user_name
from signet.domain.field_errors import ObjectReader, changed, check_size, shown
from signet.domain.policies.process_name import ProcessPattern
from signet.domain.policies.time_window import TimeWindow
from signet.domain.text.display_name import parse_description, parse_name
from signet.domain.text.visible_text import can_be_printed, unseen_in

MAX_PRIORITY = 1_000_000
DEFAULT_PRIORITY = 100

# No list can be longer than 64 KB hold; these bound what one decision may cost.
MAX_NAMED = 2000
MAX_PROCESSES = 100
MAX_COMMAND_LINES = 20
MAX_SOURCE_NETWORKS = 500
MAX_WINDOWS = 50

MAX_REFERENCE_LENGTH = 4 * 128
"""A name may be sent decomposed: as many as four characters for one."""

Network: TypeAlias = IPv4Network | IPv6Network
Address: TypeAlias = IPv4Address | IPv6Address


class ObjectionTo(Protocol):
    """Looks over regular expressions."""

    def __call__(self, *patterns: str) -> str | None:
        """What is wrong with the regular expressions of one policy, for their author; None when nothing is."""


# Python reads netmasks as well, and a wildcard mask such as 0.0.0.255 quite otherwise than a firewall would.
_NETWORK = re.compile(r"[0-9a-fA-F:.]+(/\d{1,3})?", re.ASCII)

_IPV4_MAPPED = IPv6Network("::ffff:0:0/96")


class PolicyAction(StrEnum):
    """What a policy does that decides."""

    ALLOW = "allow"
    DENY = "deny"


def parse_principal_name(text: str) -> str:
    """`text` as a user or a user group, `corp/alice`.

    Raises:
        ValueError: it has no such form; the message is for the caller.
    """
    if unseen := unseen_in(text):
        raise ValueError(unseen)
    if not is_user_name(text):
        raise ValueError(f"must be <issuer alias>/<name>, as in corp/alice, got {shown(text)}")
    return text


def parse_reference(text: str) -> str:
    """`text` as the id or name of something; whether there is such a thing is another question.

    Raises:
        ValueError: neither an id nor a name is so long or empty.
    """
    if not 1 <= len(text) <= MAX_REFERENCE_LENGTH or not can_be_printed(text):
        raise ValueError(f"must be an id or a name, got {shown(text)}")
    return text


def parse_network(text: str) -> Network:
    """`text` as a network in CIDR notation, IPv4 or IPv6 (RFC 4632, RFC 4291); one address is a network too.

    A network of IPv4-mapped addresses is the IPv4 network: the same client is written in both ways.

    Raises:
        ValueError: it is none, or its address has bits set behind the prefix, and so is perhaps not what was meant.
    """
    try:
        network = ip_network(text, strict=False) if _NETWORK.fullmatch(text) else None
    except ValueError:
        network = None
    if network is None:
        raise ValueError(f"must be a network such as 203.0.113.0/24 or 2001:db8::/32, got {shown(text)}")
    if ip_address(text.partition("/")[0]) != network.network_address:
        raise ValueError(f"must not have bits behind its prefix, got {shown(text)}; the network is {network}")
    if isinstance(network, IPv6Network) and network.subnet_of(_IPV4_MAPPED):
        # The last 32 bits are the IPv4 address (RFC 4291, 2.5.5.2).
        mapped = network.network_address.packed[-4:]
        return IPv4Network((mapped, network.prefixlen - _IPV4_MAPPED.prefixlen))
    return network


def parse_address(text: str) -> Address | None:
    """The address that `text` writes, an IPv4-mapped one as IPv4; None when it is none."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


@dataclass(frozen=True, slots=True)
class What:
    """The certificates a policy is about: named themselves, or by their groups."""

    certificates: frozenset[str] = frozenset()
    """Ids, or aliases as long as nobody has looked them up. Each covers its certificate's renewals too, not what that
    one renewed."""
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Who:
    """The callers a policy is about."""

    users: frozenset[str] = frozenset()
    user_groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Where:
    """What a use must come from; each kind that is given must have one entry that matches."""

    processes: tuple[ProcessPattern, ...] = ()
    """Against what the client states."""
    command_lines: tuple[str, ...] = ()
    """Regular expressions, searched in what the client states."""
    source_networks: tuple[Network, ...] = ()
    """Against the address API Gateway saw."""

    def __bool__(self) -> bool:
        """Whether it asks for anything."""
        return bool(self.processes or self.command_lines or self.source_networks)


@dataclass(frozen=True, slots=True)
class PolicySettings:
    """Everything of a policy that people set."""

    name: str
    action: PolicyAction
    what: What
    who: Who
    description: str = ""
    enabled: bool = True
    priority: int = DEFAULT_PRIORITY
    """0 is asked first."""
    where: Where = Where()
    when: tuple[TimeWindow, ...] = ()

    @classmethod
    def parse(cls, plain: Mapping[str, Any], objection_to: ObjectionTo) -> "PolicySettings":
        """Accept the body of a policy, plain values as JSON gives them, with the fields and types of a policy.

        Raises:
            RequestTooLargeError: over 64 KB.
            InvalidInputError: with the path of every field that is wrong, such as `when[0].time_zone`.
        """
        check_size(plain, "A policy")
        reader = ObjectReader(plain)
        settings = cls(
            name=reader.text("name", parse_name, ""),
            description=reader.text("description", parse_description, ""),
            enabled=plain.get("enabled", True),
            action=PolicyAction(plain["action"]),
            priority=reader.whole_number("priority", least=0, most=MAX_PRIORITY, default=DEFAULT_PRIORITY),
            what=_read_what(reader.nested("what")),
            who=_read_who(reader.nested("who")),
            where=_read_where(reader.nested("where"), objection_to),
            when=tuple(TimeWindow.read(window) for window in reader.nested_list("when", most=MAX_WINDOWS)),
        )
        reader.finish()
        return settings

    @classmethod
    def restore(cls, plain: Mapping[str, Any]) -> "PolicySettings":
        """What `plain` made, read from where it was stored; a fifth of the time, and of `parse`'s rules none.

        A thousand policies are read at once when a warm function learns of a change, and what was accepted under
        older rules stays in force.
        """
        what, who, where = plain["what"], plain["who"], plain["where"]
        return cls(
            name=plain["name"],
            description=plain["description"],
            enabled=plain["enabled"],
            action=PolicyAction(plain["action"]),
            priority=plain["priority"],
            what=What(frozenset(what["certificates"]), frozenset(what["groups"])),
            who=Who(frozenset(who["users"]), frozenset(who["user_groups"])),
            where=Where(
                tuple(ProcessPattern.parse(text) for text in where["processes"]),
                tuple(where["command_lines"]),
                tuple(ip_network(text) for text in where["source_networks"]),
            ),
            when=tuple(TimeWindow.restore(window) for window in plain["when"]),
        )

    def changed(self, changes: Mapping[str, Any], objection_to: ObjectionTo) -> "PolicySettings":
        """These settings with `changes`, of which only what is newly set is judged; raises as `parse` does.

        A policy that today's rules would refuse, as one whose regular expressions cost too much, can still be disabled
        or renamed.
        """
        check_size({**self.plain(), **changes}, "A policy")
        return changed(self, changes, lambda plain: self.parse(plain, objection_to), _SOUND)

    def plain(self) -> dict[str, object]:
        """As JSON has it; `parse` makes the same settings of it."""
        return {
            "name": self.name,
            "description": self.description,
            "enabled": self.enabled,
            "action": self.action.value,
            "priority": self.priority,
            "what": {"certificates": sorted(self.what.certificates), "groups": sorted(self.what.groups)},
            "who": {"users": sorted(self.who.users), "user_groups": sorted(self.who.user_groups)},
            "where": {
                "processes": [pattern.text for pattern in self.where.processes],
                "command_lines": list(self.where.command_lines),
                "source_networks": [str(network) for network in self.where.source_networks],
            },
            "when": [window.plain() for window in self.when],
        }


_SOUND = {
    "name": "x",
    "action": PolicyAction.DENY.value,
    "what": {"certificates": ["x"]},
    "who": {"users": ["x/x"]},
}
"""Nothing to object to, in the place of what is not judged."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy under its id."""

    id: str
    settings: PolicySettings
    created_at: datetime
    created_by: str
    updated_at: datetime
    version: int = 1


def _read_what(what: ObjectReader) -> What:
    read = What(
        certificates=frozenset(what.texts("certificates", parse_reference, most=MAX_NAMED)),
        groups=frozenset(what.texts("groups", parse_reference, most=MAX_NAMED)),
    )
    if not (what.has("certificates") or what.has("groups")):
        what.refuse("", "must name at least one certificate or certificate group")
    return read


def _read_who(who: ObjectReader) -> Who:
    read = Who(
        users=frozenset(who.texts("users", parse_principal_name, most=MAX_NAMED)),
        user_groups=frozenset(who.texts("user_groups", parse_principal_name, most=MAX_NAMED)),
    )
    if not (who.has("users") or who.has("user_groups")):
        who.refuse("", "must name at least one user or user group")
    return read


def _read_where(where: ObjectReader, objection_to: ObjectionTo) -> Where:
    def parse_command_line(pattern: str) -> str:
        objection = objection_to(pattern)
        if objection is not None:
            raise ValueError(objection)
        return pattern

    read = Where(
        processes=where.texts("processes", ProcessPattern.parse, most=MAX_PROCESSES),
        command_lines=where.texts("command_lines", parse_command_line, most=MAX_COMMAND_LINES),
        source_networks=where.texts("source_networks", parse_network, most=MAX_SOURCE_NETWORKS),
    )
    together = objection_to(*read.command_lines) if len(read.command_lines) > 1 else None
    if together is not None:
        where.refuse("command_lines", together)
    return read
