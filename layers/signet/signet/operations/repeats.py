"""A POST that comes again with its Idempotency-Key is answered as before."""

from signet.domain.errors import IdempotencyKeyReusedError
from signet.operations.ports import AnsweredBeforeSignal, Once, Sight


def answer_repeat(once: Once | None, sight: Sight) -> None:
    """Nothing, unless this request was done before. Called once the caller is authorised, and the deed decided, afresh.

    Raises:
        AnsweredBeforeSignal: it was; with the answer.
        IdempotencyKeyReusedError: the key came before with another request.
    """
    if once is None or sight.kept is None:
        return
    if sight.kept.fingerprint != once.fingerprint:
        raise IdempotencyKeyReusedError("This Idempotency-Key came before with another request.")
    raise AnsweredBeforeSignal(sight.kept)
