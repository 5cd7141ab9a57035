"""A POST that comes again with its Idempotency-Key is answered as before, to a caller who still sees what it tells."""

from collections.abc import Callable

from signet.domain.errors import ChangedMeanwhileError, IdempotencyKeyReusedError, NotFoundError
from signet.ports.idempotency import AlreadyAnswered, StoredResponse
from signet.ports.session import Session
from signet.ports.store import Snapshot


def answer_stored_response(within: Session, snapshot: Snapshot, sees: Callable[[str], bool]) -> None:
    """Nothing, unless this request was done before. Called when the caller is authorised and the change decided again.

    `sees` tells whether the thing with an id is there, and exists for the caller: it may be another than the one that
    the request names now, and it may be gone.

    Raises:
        AlreadyAnswered: it was; with the answer.
        NotFoundError: what the answer is about does not exist for the caller, or not any more.
        IdempotencyKeyReusedError: the key came before with another request.
        ChangedMeanwhileError: it is being done at this moment; when it is decided again, its answer will be there.
    """
    stored = stored_for(within, snapshot.stored)
    if stored is None:
        return
    if not (stored.subjects and all(map(sees, stored.subjects))):
        raise NotFoundError
    raise AlreadyAnswered(stored)


def stored_for(within: Session, stored: StoredResponse | None) -> StoredResponse | None:
    """What the request was answered before; None where it was not, or was cut short and is to be begun again.

    Raises:
        IdempotencyKeyReusedError, ChangedMeanwhileError: as `answer_stored_response`.
    """
    if within.idempotency is None or stored is None:
        return None
    if stored.fingerprint != within.idempotency.fingerprint:
        raise IdempotencyKeyReusedError("This Idempotency-Key came before with another request.")
    if stored.left_off:
        return None
    if not stored.body:
        raise ChangedMeanwhileError("the same request is being answered just now")
    if not stored.came_with(within.idempotency.secrets):
        raise IdempotencyKeyReusedError("This Idempotency-Key came before with another PIN, password or private key.")
    return stored


def certificates_seen(snapshot: Snapshot, within: Session) -> Callable[[str], bool]:
    """Whether the caller sees a certificate now, which may be the one of `snapshot`."""

    def sees(certificate_id: str) -> bool:
        known = snapshot.certificate
        there = (
            known
            if known is not None and known.id == certificate_id
            else within.records.load(certificate_id).certificate
        )
        return there is not None and snapshot.access.sees(within.caller, there)

    return sees
