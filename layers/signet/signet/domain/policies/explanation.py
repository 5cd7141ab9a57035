"""Whether somebody could sign, from somewhere, at some moment, and why: what signing would decide, deciding nothing."""

from dataclasses import dataclass, field
from datetime import datetime

from signet.domain.access.access_snapshot import Access
from signet.domain.access.principal import Principal
from signet.domain.certificates.certificate import Certificate
from signet.domain.policies.policy_decision import TraceEntry
from signet.domain.signing.sign_command import Application
from signet.domain.signing.use_decision import unusable_for_all

OWNER = "owner"


@dataclass(frozen=True, slots=True)
class Question:
    """A use that nobody has asked for."""

    certificate: str
    """Id or alias."""
    user: str
    user_groups: frozenset[str] = frozenset()
    application: Application = field(default_factory=Application)
    source_ip: str = ""
    """Without it, no network holds it."""
    at: datetime | None = None
    """None for now."""

    @property
    def principal(self) -> Principal:
        """Who would ask for it."""
        return Principal(self.user, self.user_groups, source_ip=self.source_ip)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What signing would decide, apart from reason and PIN."""

    allowed: bool
    because: str
    """`owner`, `policy`, or the code of the refusal."""
    decided_by: str | None
    """`owner`, or the id of a policy; None where no policy matches, or nobody could use the certificate."""
    trace: tuple[TraceEntry, ...]
    """What every policy says that names the certificate or the caller, whoever decides in the end."""


def explain(question: Question, certificate: Certificate, access: Access, now: datetime) -> Explanation:
    """Answer `question` about `certificate`, in the order in which signing decides."""
    at = now if question.at is None else question.at
    decision = access.decision(certificate, question.principal, question.application, at, trace=True)
    refusal = unusable_for_all(certificate, at)
    if refusal is not None:
        return Explanation(allowed=False, because=refusal.code, decided_by=None, trace=decision.trace)
    if certificate.owner == question.user:
        return Explanation(allowed=True, because=OWNER, decided_by=OWNER, trace=decision.trace)
    return Explanation(decision.allowed, decision.because, decision.decided_by, decision.trace)
