"""A POST that comes again with its Idempotency-Key is answered as before, to who may still see what it is about."""

from collections.abc import Callable

from signet.domain.access.principal import Principal
from signet.domain.errors import ChangedMeanwhileError, IdempotencyKeyReusedError, NotFoundError
from signet.ports.idempotency import AnsweredBeforeSignal, KeptAnswer, Once
from signet.ports.store import Records, Sight


def answer_repeat(once: Once | None, sight: Sight, sees: Callable[[str], bool]) -> None:
    """Nothing, unless this request was done before. Called once the caller is authorised, and the deed decided, afresh.

    `sees` tells whether the thing with an id is there, and exists for the caller: it may be another than the one that
    the request names now, and it may be gone.

    Raises:
        AnsweredBeforeSignal: it was; with the answer.
        NotFoundError: what the answer is about does not exist for the caller, or not any more.
        IdempotencyKeyReusedError: the key came before with another request.
        ChangedMeanwhileError: it is being done just now; decided afresh in a moment, its answer is there.
    """
    kept = kept_for(once, sight.kept)
    if kept is None:
        return
    if not (kept.subjects and all(map(sees, kept.subjects))):
        raise NotFoundError
    raise AnsweredBeforeSignal(kept)


def kept_for(once: Once | None, kept: KeptAnswer | None) -> KeptAnswer | None:
    """What `once` was answered before; None where it was not. Raises as `answer_repeat` does, but for what it tells."""
    if once is None or kept is None:
        return None
    if kept.fingerprint != once.fingerprint:
        raise IdempotencyKeyReusedError("This Idempotency-Key came before with another request.")
    if not kept.body:
        raise ChangedMeanwhileError("the same request is being answered just now")
    if not kept.came_with(once.secrets):
        raise IdempotencyKeyReusedError("This Idempotency-Key came before with another PIN, password or private key.")
    return kept


def certificates_seen(sight: Sight, by: Principal, records: Records) -> Callable[[str], bool]:
    """Whether `by` sees a certificate now, which may be the one of `sight`."""

    def sees(certificate_id: str) -> bool:
        known = sight.certificate
        there = known if known is not None and known.id == certificate_id else records.sight(certificate_id).certificate
        return there is not None and sight.access.sees(by, there)

    return sees
