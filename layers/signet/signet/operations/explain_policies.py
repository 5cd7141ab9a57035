"""ExplainPolicies: whether somebody could sign, from somewhere, at some moment, and why."""

from dataclasses import replace

from signet.domain.explanation import Explanation, Question, explain
from signet.domain.principal import Principal
from signet.domain.role import Permission
from signet.operations.afresh import afresh
from signet.operations.authorisation import may_look, visible
from signet.operations.ports import Clock, Once, Records
from signet.operations.repeats import answer_repeat

MOST_KEPT_BYTES = 300 * 1024
"""DynamoDB keeps items up to 400 KB. A longer answer is not kept: to answer such a question twice does no harm."""


def explain_policies(
    question: Question, *, by: Principal, once: Once | None, records: Records, clock: Clock
) -> Explanation:
    """What signing would decide, and what each policy says that names the certificate or the caller in question.

    A role of certain groups is told of the policies that name the certificate; the others decide nothing here, and may
    name what it does not reach.

    Raises:
        NotFoundError: there is no such certificate that `by` sees.
        NotAllowedError: the role of `by` does not let look at policies.
        InvalidInputError: of a moment that not every time zone has.
    """

    def decide() -> Explanation:
        sight = records.sight(question.certificate, once=once)
        certificate = visible(sight, by)
        may_look(Permission.VIEW_POLICIES, sight.access, by)
        answer_repeat(once, sight)
        explanation = explain(question, certificate, sight.access, clock.now())
        role = sight.access.role_of(by)
        if role is None or not role.settings.certificate_groups.is_all:
            told = tuple(entry for entry in explanation.trace if entry.matched.what)
            explanation = replace(explanation, trace=told)
        if once is not None and len(once.render(explanation)) <= MOST_KEPT_BYTES:
            records.commit(events=[], once=once, result=explanation)
        return explanation

    return afresh(decide)
