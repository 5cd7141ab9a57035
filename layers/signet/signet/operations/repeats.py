"""A POST that comes again with its Idempotency-Key is answered as before."""

from signet.domain.errors import ChangedMeanwhileError, IdempotencyKeyReusedError
from signet.operations.ports import AnsweredBeforeSignal, Once, Sight


def answer_repeat(once: Once | None, sight: Sight) -> None:
    """Nothing, unless this request was done before. Called once the caller is authorised, and the deed decided, afresh.

    Raises:
        AnsweredBeforeSignal: it was; with the answer.
        IdempotencyKeyReusedError: the key came before with another request.
        ChangedMeanwhileError: it is being done just now; decided afresh in a moment, its answer is there.
    """
    if once is None or sight.kept is None:
        return
    if sight.kept.fingerprint != once.fingerprint:
        raise IdempotencyKeyReusedError("This Idempotency-Key came before with another request.")
    if not sight.kept.body:
        raise ChangedMeanwhileError("the same request is being answered just now")
    raise AnsweredBeforeSignal(sight.kept)
