"""A use that policies are to explain, and the explanation: JSON in `snake_case`."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from signet.api.bodies.fields import Texts
from signet.api.bodies.signing_bodies import ApplicationBody
from signet.api.reading.queries import moment
from signet.domain.errors import InvalidInputError
from signet.domain.policies.explanation import Explanation, Question
from signet.domain.policies.policy import parse_address, parse_principal_name
from signet.domain.signing.sign_command import Application


class ExplainBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A use to explain: of which certificate, by whom, from where, when."""

    certificate: Annotated[str, Meta(min_length=1, max_length=512)]
    """Id or alias."""
    user: Annotated[str, Meta(max_length=300)]
    user_groups: Annotated[tuple[Annotated[str, Meta(max_length=300)], ...], Meta(max_length=2000)] | None = None
    application: ApplicationBody | None = None
    source_ip: Annotated[str, Meta(max_length=64)] | None = None
    """Without it, a policy that asks for a source network does not match."""
    at: Annotated[str, Meta(max_length=40, extra_json_schema={"format": "date-time"})] | None = None
    """Now, unless it is given."""

    def question(self) -> Question:
        """Its fields, parsed."""
        if self.source_ip is not None and parse_address(self.source_ip) is None:
            raise InvalidInputError.at("source_ip", "must be an IPv4 or IPv6 address")
        groups = self.user_groups or ()
        return Question(
            certificate=self.certificate,
            user=_named("user", self.user),
            user_groups=frozenset(_named(f"user_groups[{place}]", name) for place, name in enumerate(groups)),
            application=self.application.application() if self.application else Application(),
            source_ip=self.source_ip or "",
            at=None if self.at is None else moment("at", self.at),
        )


class MatchedBody(msgspec.Struct, frozen=True):
    """Which of the four conditions of a policy hold."""

    what: bool
    who: bool
    where: bool
    when: bool


class TraceBody(msgspec.Struct, frozen=True):
    """How one policy fared."""

    policy: str
    """Its id."""
    name: str
    priority: int
    action: Literal["allow", "deny"]
    matched: MatchedBody
    verdict: str
    """The outcome, in words for a person."""
    reasons: Texts
    """For each condition that does not hold, why; for a person."""


class ExplanationBody(msgspec.Struct, frozen=True):
    """What signing would decide, apart from reason and PIN."""

    allowed: bool
    because: str
    """`owner`, `policy`, or the code of the refusal."""
    decided_by: str | None
    """`owner`, the id of the policy that decides, or null."""
    trace: tuple[TraceBody, ...]
    """The policies that name the certificate or the caller, in the order in which they are asked."""

    @classmethod
    def of(cls, explanation: Explanation) -> "ExplanationBody":
        """What is shown of `explanation`."""
        return cls(
            allowed=explanation.allowed,
            because=explanation.because,
            decided_by=explanation.decided_by,
            trace=tuple(
                TraceBody(
                    policy=entry.policy,
                    name=entry.name,
                    priority=entry.priority,
                    action=entry.action.value,
                    matched=MatchedBody(entry.matched.what, entry.matched.who, entry.matched.where, entry.matched.when),
                    verdict=entry.verdict.value,
                    reasons=entry.reasons,
                )
                for entry in explanation.trace
            ),
        )


def _named(field: str, text: str) -> str:
    try:
        return parse_principal_name(text)
    except ValueError as error:
        raise InvalidInputError.at(field, str(error)) from None
