"""Whether policies allow a use, and why: the one evaluation that signing and `explain` share."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from typing import TypeAlias

from signet.domain.access.principal import Principal
from signet.domain.errors import InvalidInputError, NotAllowedByPolicyError
from signet.domain.field_errors import shown
from signet.domain.policies.policy import Address, Policy, PolicyAction, PolicySettings, parse_address
from signet.domain.policies.process_name import process_key
from signet.domain.policies.step_budget import EXPLANATION_STEPS, StepBudget, TooManyStepsError
from signet.domain.policies.time_window import TimeWindow, local_time_text

Search: TypeAlias = Callable[[str, str, StepBudget], bool]
"""Whether a regular expression is found in a text; it spends the steps that it takes, or raises TooManyStepsError."""

# Any zone can show these years; within a day of year 1 and 9999 some could not.
_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
_LATEST = datetime(9998, 1, 1, tzinfo=UTC)

Objection: TypeAlias = Callable[[], str]
"""Why a condition does not hold, for a person; put into words only where somebody reads it."""

_ENTRIES_NAMED = 5
"""A reason is for reading: of a long list it gives the beginning."""


@dataclass(frozen=True, slots=True)
class PolicySubject:
    """The certificate in question, as policies see it."""

    certificates: frozenset[str]
    """Its own id and those of the certificates it descends from: a policy that names one covers its renewals."""
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What surrounds one use, apart from who asks for it and from which address (see Principal)."""

    at: datetime
    process: str | None = None
    """The program that signs, as the client states it."""
    command_line: str | None = None

    def __post_init__(self) -> None:
        """Refuse moments that not every time zone has.

        Raises:
            InvalidInputError: `at` is before 1900 or after 9997.
        """
        if not _EARLIEST <= self.at < _LATEST:
            raise InvalidInputError.at("at", "must be between the years 1900 and 9997")


class Verdict(StrEnum):
    """The outcome for one policy."""

    DECIDES = "decides"
    LATE = "matches, but an earlier one decided"
    OUTRANKED = "matches, but a deny of the same priority decided"
    UNASKED = "matches, but was not asked: the steps for regular expressions were used up before"
    PASSED_OVER = "passed over"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Matched:
    """Which of the four conditions of a policy hold."""

    what: bool
    who: bool
    where: bool
    when: bool


@dataclass(frozen=True, slots=True)
class TraceEntry:
    """How one policy fared."""

    policy: str
    name: str
    priority: int
    action: PolicyAction
    matched: Matched
    verdict: Verdict
    reasons: tuple[str, ...] = ()
    """For a person: one for each condition that does not hold, beginning with its name."""

    @property
    def text(self) -> str:
        """The verdict with its reasons, for a person."""
        return f"{self.verdict}: {'; '.join(self.reasons)}" if self.reasons else self.verdict.value


@dataclass(frozen=True, slots=True)
class PolicyDecision:
    """What the policies say of one use."""

    allowed: bool
    decided_by: str | None
    """The policy that allowed or denied; None where none matched, which denies."""
    too_costly: bool = False
    """Whether the regular expressions would have cost more than a decision may: then nothing is allowed."""
    trace: tuple[TraceEntry, ...] = ()
    """Every policy, in the order in which they are asked; empty where no trace was wanted."""

    @property
    def because(self) -> str:
        """`policy`, or the code of the refusal."""
        return "policy" if self.allowed else NotAllowedByPolicyError.code


def decide(
    policies: Iterable[Policy],
    subject: PolicySubject,
    principal: Principal,
    circumstances: Circumstances,
    *,
    search: Search,
    trace: bool = False,
) -> PolicyDecision:
    """Decide a use of `subject` by `principal`: the first policy that matches, by priority, and `deny` before `allow`.

    Without `trace` nothing is looked at that cannot change the outcome; with it the outcome is the same.
    """
    use = _Use(subject, principal, circumstances, search)
    ordered = sorted(policies, key=precedence)
    decides: Policy | None = None
    too_costly = False
    try:
        decides = next((policy for policy in ordered if use.matches(policy.settings)), None)
    except TooManyStepsError:
        too_costly = True
    return PolicyDecision(
        allowed=decides is not None and decides.settings.action is PolicyAction.ALLOW,
        decided_by=None if decides is None else decides.id,
        too_costly=too_costly,
        trace=_traces(ordered, use, decides) if trace else (),
    )


def precedence(policy: Policy) -> tuple[int, bool, str]:
    """What policies are sorted by before they are asked; among equals the older is named as the one that decided."""
    return policy.settings.priority, policy.settings.action is PolicyAction.ALLOW, policy.id


def could_be_allowed(
    policies: Iterable[Policy], subject: PolicySubject, principal: Principal, at: datetime, *, search: Search
) -> bool:
    """Whether `principal` could use `subject` at this moment from some place, whatever `where` asks.

    An `allow` is taken to be asked from the right place, and a `deny` that asks for one from another.
    """
    use = _Use(subject, principal, Circumstances(at), search)
    for policy in sorted(policies, key=precedence):
        settings = policy.settings
        if not settings.enabled or (settings.where and settings.action is PolicyAction.DENY):
            continue
        if next(use.objections_elsewhere(settings), None) is None:
            return settings.action is PolicyAction.ALLOW
    return False


def visible_by_policy(policies: Iterable[Policy], subject: PolicySubject, principal: Principal) -> bool:
    """Whether an enabled `allow` names both: then `principal` sees `subject`, wherever and whenever it may be used."""
    return any(
        policy.settings.enabled
        and policy.settings.action is PolicyAction.ALLOW
        and names_certificate(policy.settings, subject)
        and names_caller(policy.settings, principal)
        for policy in policies
    )


def names_certificate(settings: PolicySettings, subject: PolicySubject) -> bool:
    """Whether What matches."""
    return not (
        settings.what.certificates.isdisjoint(subject.certificates) and settings.what.groups.isdisjoint(subject.groups)
    )


def names_caller(settings: PolicySettings, principal: Principal) -> bool:
    """Whether Who matches."""
    return principal.user in settings.who.users or not settings.who.user_groups.isdisjoint(principal.user_groups)


def _traces(ordered: Sequence[Policy], use: "_Use", decides: Policy | None) -> tuple[TraceEntry, ...]:
    """How each policy fared, once it is known which one `decides`."""
    use.budget = StepBudget(EXPLANATION_STEPS)
    return tuple(_trace(policy, use, decides) for policy in ordered)


def _trace(policy: Policy, use: "_Use", decides: Policy | None) -> TraceEntry:
    settings = policy.settings
    what, who = list(use.against_what(settings)), list(use.against_who(settings))
    where, when = _against_where(use, settings), list(use.against_when(settings))
    reasons = [*what, *who, *where, *when]
    if not settings.enabled:
        verdict = Verdict.DISABLED
    elif reasons:
        verdict = Verdict.PASSED_OVER
    elif policy is decides:
        verdict = Verdict.DECIDES
    elif decides is None:
        verdict = Verdict.UNASKED
    elif decides.settings.priority == settings.priority and decides.settings.action is not settings.action:
        verdict = Verdict.OUTRANKED
    else:
        verdict = Verdict.LATE
    return TraceEntry(
        policy=policy.id,
        name=settings.name,
        priority=settings.priority,
        action=settings.action,
        matched=Matched(what=not what, who=not who, where=not where, when=not when),
        verdict=verdict,
        reasons=tuple(say() for say in reasons),
    )


def _against_where(use: "_Use", settings: PolicySettings) -> list[Objection]:
    try:
        return list(use.against_where(settings))
    except TooManyStepsError:
        return [lambda: "where: its regular expressions were not searched, since the steps for them are used up"]


class _Use:
    """One use, held against policies; what several of them ask for is worked out once, and only when one does."""

    def __init__(
        self, subject: PolicySubject, principal: Principal, circumstances: Circumstances, search: Search
    ) -> None:
        self._subject = subject
        self._principal = principal
        self._circumstances = circumstances
        self._search = search
        self._found: dict[str, bool] = {}
        self.budget = StepBudget()
        """For all regular expressions together: what was searched once costs nothing again."""

    @cached_property
    def _process(self) -> str:
        return process_key(self._circumstances.process or "")

    @cached_property
    def _address(self) -> Address | None:
        return parse_address(self._principal.source_ip)

    def matches(self, settings: PolicySettings) -> bool:
        """Whether the policy is in force here.

        Raises:
            TooManyStepsError: that cannot be said within the budget.
        """
        return settings.enabled and next(self.objections(settings), None) is None

    def objections(self, settings: PolicySettings) -> Iterator[Objection]:
        """Why a policy does not match, the cheapest to find out first; nothing when it does."""
        yield from self.objections_elsewhere(settings)
        yield from self.against_where(settings)

    def objections_elsewhere(self, settings: PolicySettings) -> Iterator[Objection]:
        """The same without `where`."""
        yield from self.against_what(settings)
        yield from self.against_who(settings)
        yield from self.against_when(settings)

    def against_what(self, settings: PolicySettings) -> Iterator[Objection]:
        if not names_certificate(settings, self._subject):
            yield lambda: "what: it names neither the certificate, nor one that this renews, nor a group it is in"

    def against_who(self, settings: PolicySettings) -> Iterator[Objection]:
        if not names_caller(settings, self._principal):
            yield lambda: f"who: it names neither {self._principal.user} nor one of the caller's user groups"

    def against_where(self, settings: PolicySettings) -> Iterator[Objection]:
        networks, processes = settings.where.source_networks, settings.where.processes
        command_lines = settings.where.command_lines
        if networks:
            address = self._address
            if address is None:
                yield lambda: "where: it asks for a source network, and the caller's address is not known"
            elif not any(address in network for network in networks):
                yield lambda: f"where: {address} is in none of {_named(networks)}"
        if processes:
            process = self._process
            if not process:
                yield lambda: "where: it asks for a process, and the client states none"
            elif not any(pattern.matches(process) for pattern in processes):
                yield lambda: f"where: the process {shown(process)} is none of {_named(processes)}"
        if command_lines:
            command_line = self._circumstances.command_line
            if not command_line:
                yield lambda: "where: it asks for a command line, and the client states none"
            elif not any(self._is_found(pattern, command_line) for pattern in command_lines):
                yield lambda: f"where: in the command line none is found of {_named(command_lines)}"

    def against_when(self, settings: PolicySettings) -> Iterator[Objection]:
        windows = settings.when
        if windows and not any(window.holds_at(self._circumstances.at) for window in windows):
            yield lambda: f"when: {self._clocks(windows)} is in none of {_named(windows, between=' | ')}"

    def _is_found(self, pattern: str, command_line: str) -> bool:
        if pattern not in self._found:
            self._found[pattern] = self._search(pattern, command_line, self.budget)
        return self._found[pattern]

    def _clocks(self, windows: Sequence[TimeWindow]) -> str:
        zones = dict.fromkeys(window.time_zone for window in windows[:_ENTRIES_NAMED])
        return _named([f"{local_time_text(self._circumstances.at, zone)} in {zone}" for zone in zones])


def _named(entries: Sequence[object], between: str = ", ") -> str:
    """The first few of `entries`, for a person."""
    beginning = between.join(str(entry) for entry in entries[:_ENTRIES_NAMED])
    more = len(entries) - _ENTRIES_NAMED
    return beginning if more <= 0 else f"{beginning}{between}{more} more"
