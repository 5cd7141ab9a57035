"""SignWithCertificate: one signature, decided, made, recorded, and only then answered."""

from signet.domain.access.principal import Principal
from signet.domain.certificates.certificate import Certificate
from signet.domain.errors import NotFoundError, PinWrongError, SignetError
from signet.domain.events.event import Event, EventType, Outcome, certificate_event, next_event_id
from signet.domain.identifiers import made_at, with_prefix
from signet.domain.signing.digest import digest_of, fitting
from signet.domain.signing.key_algorithm import KeyFamily, MessageType, SigningAlgorithm
from signet.domain.signing.signature import Signature
from signet.domain.signing.use_decision import SignOrder, UseDecision, after_wrong_pin, decide_use
from signet.domain.signing.use_record import recorded_caller, recorded_name, use_detail
from signet.operations.authorisation import visible
from signet.operations.idempotency import answer_repeat
from signet.operations.retry_on_conflict import afresh
from signet.operations.unseen import refuse_unseen
from signet.ports.changes import CertificateUsed, PinFailed
from signet.ports.clock import Clock
from signet.ports.idempotency import Once
from signet.ports.keys import KeyRing, PinHasher
from signet.ports.store import Records, Sight


def sign_with_certificate(
    order: SignOrder,
    *,
    by: Principal,
    once: Once | None,
    records: Records,
    keys: KeyRing,
    pins: PinHasher,
    clock: Clock,
) -> Signature:
    """Sign what `order` asks and record the use; nothing is answered that is not recorded.

    Raises:
        NotFoundError: no such certificate, or none that `by` sees; recorded where a role or a policy names `by`.
        AlgorithmMismatchError, DigestLengthError: the order does not fit the key; nothing is decided or recorded.
        NoPrivateKeyError, CertificateDisabledError, ..., PinLockedError: the refusals of `decide_use`; recorded.
        PinWrongError: not the PIN; recorded and counted.
    """
    verdicts: dict[str, bool] = {}

    def pin_is_right(certificate: Certificate) -> bool:
        # A slow hash: looked at once, however often a race makes us decide afresh.
        kept = certificate.pin_hash or ""
        if kept not in verdicts:
            verdicts[kept] = pins.matches(order.pin or "", kept)
        return verdicts[kept]

    def decide() -> Signature:
        sight = _about_the_same(records.sight(order.certificate, once=once, key=keys.holds), once, records, keys)
        certificate = _visible(order, sight, by, records, clock)
        # Before anything is decided: an order that cannot be signed tells nothing of the PIN that came with it.
        algorithm, digest = _fitting(order, certificate)
        now = clock.now()
        decision = _decision(order, sight, certificate, by, clock)
        if decision.refusal is not None:
            raise _refused(order, certificate, by, decision, decision.refusal, records, clock)
        if order.dry_run:
            answer_repeat(once, sight, certificate.id.__eq__)
            return Signature(None, algorithm.name, certificate, now, None)
        if certificate.pin_hash is not None and not pin_is_right(certificate):
            _count_wrong_pin(order, sight, certificate, by, decision, records, clock)
        answer_repeat(once, sight, certificate.id.__eq__)
        # Hashed once: only Ed25519 needs the message itself.
        to_sign = (
            (order.message, MessageType(order.message_type))
            if algorithm.family is KeyFamily.ED25519
            else (digest, MessageType.DIGEST)
        )
        signature = keys.sign(
            to_sign[0],
            algorithm,
            to_sign[1],
            key_id=with_prefix("key", certificate.id),
            key_version=certificate.key_version,
            wrapped=sight.wrapped_key,
            spki_sha256=certificate.facts.spki_sha256,
        )
        event_id = next_event_id(now, certificate.last_event, sight.usage.last_event)
        event = certificate_event(
            EventType.CERTIFICATE_USED,
            certificate,
            recorded_caller(order, by),
            event_id,
            detail={**use_detail(order, decision.decided_by), "digest": digest.hex()},
        )
        result = Signature(signature, algorithm.name, certificate, made_at(event_id), event_id)
        records.commit(
            CertificateUsed(
                certificate, sight.usage, made_at(event_id), event_id, pin_was_right=certificate.pin_hash is not None
            ),
            events=[event],
            once=once,
            result=result,
        )
        return result

    return afresh(decide)


def _about_the_same(sight: Sight, once: Once | None, records: Records, keys: KeyRing) -> Sight:
    """What is known of the certificate that a repeat was signed with before.

    An alias may have moved to another one since, and the kept signature is given again only where the certificate that
    made it may still be used.
    """
    kept = sight.kept
    if once is None or kept is None or kept.fingerprint != once.fingerprint or not kept.subjects:
        return sight
    (made_with,) = kept.subjects
    if sight.certificate is not None and sight.certificate.id == made_with:
        return sight
    return records.sight(made_with, once=once, key=keys.holds)


def _visible(order: SignOrder, sight: Sight, by: Principal, records: Records, clock: Clock) -> Certificate:
    try:
        return visible(sight, by)
    except NotFoundError:
        if not order.dry_run:
            refuse_unseen(
                EventType.CERTIFICATE_USE_REFUSED,
                [(recorded_name(order), sight.certificate)],
                access=sight.access,
                by=recorded_caller(order, by),
                records=records,
                clock=clock,
                detail=use_detail(order, None),
            )
        raise


def _fitting(order: SignOrder, certificate: Certificate) -> tuple[SigningAlgorithm, bytes]:
    """The signing algorithm that `order` names, and the digest that it signs.

    Raises:
        AlgorithmMismatchError, DigestLengthError: they do not fit the key of `certificate`, or each other.
    """
    message_type = MessageType(order.message_type)
    algorithm = fitting(order.signing_algorithm, certificate.facts.key_algorithm, message_type)
    return algorithm, digest_of(order.message, algorithm, message_type)


def _decision(order: SignOrder, sight: Sight, certificate: Certificate, by: Principal, clock: Clock) -> UseDecision:
    now = clock.now()
    by_policy = sight.access.use(certificate, by, order.application, now)
    return decide_use(
        certificate,
        sight.usage,
        allowed_by=by_policy.allowed_by,
        policy=by_policy.policy,
        too_costly=by_policy.too_costly,
        reason=order.reason,
        pin=order.pin,
        at=now,
    )


def _refused(
    order: SignOrder,
    certificate: Certificate,
    by: Principal,
    decision: UseDecision,
    refusal: SignetError,
    records: Records,
    clock: Clock,
) -> SignetError:
    """`refusal`, recorded; a dry run stores nothing."""
    if not order.dry_run:
        records.commit(events=[_refusal_event(order, certificate, by, decision, refusal.code, clock)])
    return refusal


def _refusal_event(
    order: SignOrder, certificate: Certificate, by: Principal, decision: UseDecision, code: str, clock: Clock
) -> Event:
    return certificate_event(
        EventType.CERTIFICATE_USE_REFUSED,
        certificate,
        recorded_caller(order, by),
        next_event_id(clock.now(), certificate.last_event),
        outcome=Outcome.REFUSED,
        code=code,
        detail=use_detail(order, decision.decided_by),
    )


def _count_wrong_pin(
    order: SignOrder,
    sight: Sight,
    certificate: Certificate,
    by: Principal,
    decision: UseDecision,
    records: Records,
    clock: Clock,
) -> None:
    """Count one more wrong PIN, and say so only once it is counted: of many at once, five are told.

    Raises:
        PinWrongError: counted.
        ChangedMeanwhileError: another PIN was tried at the same time; nothing is told of this one.
    """
    error = PinWrongError("That is not the PIN.")
    after = after_wrong_pin(sight.usage, clock.now())
    records.commit(
        PinFailed(certificate, sight.usage, after),
        events=[_refusal_event(order, certificate, by, decision, error.code, clock)],
    )
    raise error
