"""ExplainPolicies: whether somebody could sign, from somewhere, at some moment, and why."""

from dataclasses import replace

from signet.domain.access.role import Permission, Role
from signet.domain.policies.explanation import Explanation, Question, explain
from signet.domain.policies.policy_decision import TraceEntry
from signet.operations.authorisation import may_look, visible
from signet.operations.idempotency import stored_for
from signet.operations.retry_on_conflict import retry_on_conflict
from signet.ports.idempotency import AlreadyAnswered
from signet.ports.session import Session

MOST_TOLD = 1000
"""Policies in one trace, a megabyte at most; of more, those that name the certificate, in the order of asking."""

MOST_KEPT_BYTES = 300 * 1024
"""DynamoDB keeps items up to 400 KB. A longer answer is not kept: to answer such a question twice does no harm."""


def explain_policies(question: Question, *, within: Session) -> Explanation:
    """What signing would decide, and what each policy says that names the certificate or the caller in question.

    A role of certain groups is told of the policies that name the certificate; the others decide nothing here, and may
    name what it does not reach.

    Raises:
        NotFoundError: there is no such certificate that the caller sees.
        NotAllowedError: the caller's role does not let look at policies.
        InvalidInputError: of a moment that not every time zone has.
    """

    def decide() -> Explanation:
        snapshot = within.load(question.certificate)
        certificate = visible(snapshot, within)
        may_look(Permission.VIEW_POLICIES, snapshot.access, within)
        # What is told depends on who may do what: when that has changed, it is explained again.
        about = (certificate.id, snapshot.access.revision)
        stored = stored_for(within, snapshot.stored)
        if stored is not None and stored.subjects == about:
            raise AlreadyAnswered(stored)
        explanation = explain(question, certificate, snapshot.access, within.now)
        explanation = replace(explanation, trace=_told(explanation.trace, snapshot.access.role_of(within.caller)))
        if (
            within.idempotency is not None
            and stored is None
            and len(within.idempotency.render(explanation)) <= MOST_KEPT_BYTES
        ):
            within.commit(events=[], result=explanation, about=about)
        return explanation

    return retry_on_conflict(decide)


def _told(trace: tuple[TraceEntry, ...], role: Role | None) -> tuple[TraceEntry, ...]:
    sees_all = role is not None and role.settings.certificate_groups.is_all
    if sees_all and len(trace) <= MOST_TOLD:
        return trace
    return tuple(entry for entry in trace if entry.matched.what)[:MOST_TOLD]
