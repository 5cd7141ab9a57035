"""SignWithCertificate: one signature, decided, made, recorded, and only then answered."""

from signet.domain.access.principal import Principal
from signet.domain.certificates.certificate import Certificate
from signet.domain.errors import NotFoundError, PinWrongError, SignetError
from signet.domain.events.event import Event, EventType, Outcome, certificate_event, next_event_id
from signet.domain.identifiers import made_at, with_prefix
from signet.domain.signing.digest import digest_of, fitting
from signet.domain.signing.key_algorithm import KeyFamily, MessageType, SigningAlgorithm
from signet.domain.signing.signature import Signature
from signet.domain.signing.use_decision import SignCommand, UseDecision, after_wrong_pin, decide_use
from signet.domain.signing.use_record import recorded_caller, recorded_name, use_detail
from signet.operations.authorisation import visible
from signet.operations.idempotency import answer_stored_response
from signet.operations.retry_on_conflict import retry_on_conflict
from signet.operations.unseen import refuse_unseen
from signet.ports.changes import CertificateUsed, PinFailed
from signet.ports.clock import Clock
from signet.ports.idempotency import IdempotencyKey
from signet.ports.keys import KeyRing, PinHasher
from signet.ports.store import Records, Snapshot


def sign_with_certificate(
    command: SignCommand,
    *,
    by: Principal,
    idempotency: IdempotencyKey | None,
    records: Records,
    keys: KeyRing,
    pins: PinHasher,
    clock: Clock,
) -> Signature:
    """Sign what `command` asks and record the use; nothing is answered that is not recorded.

    Raises:
        NotFoundError: no such certificate, or none that `by` sees; recorded where a role or a policy names `by`.
        AlgorithmMismatchError, DigestLengthError: the order does not fit the key; nothing is decided or recorded.
        NoPrivateKeyError, CertificateDisabledError, ..., PinLockedError: the refusals of `decide_use`; recorded.
        PinWrongError: not the PIN; recorded and counted.
    """
    verdicts: dict[str, bool] = {}

    def pin_is_right(certificate: Certificate) -> bool:
        # A slow hash: it is checked once, however often a conflict makes us decide again.
        stored = certificate.pin_hash or ""
        if stored not in verdicts:
            verdicts[stored] = pins.matches(command.pin or "", stored)
        return verdicts[stored]

    def decide() -> Signature:
        snapshot = _about_the_same(
            records.load(command.certificate, idempotency=idempotency, key=keys.holds), idempotency, records, keys
        )
        certificate = _visible(command, snapshot, by, records, clock)
        # Before anything is decided: an order that cannot be signed tells nothing of the PIN that came with it.
        algorithm, digest = _fitting(command, certificate)
        now = clock.now()
        decision = _decision(command, snapshot, certificate, by, clock)
        if decision.refusal is not None:
            raise _refused(command, certificate, by, decision, decision.refusal, records, clock)
        if command.dry_run:
            answer_stored_response(idempotency, snapshot, certificate.id.__eq__)
            return Signature(None, algorithm.name, certificate, now, None)
        if certificate.pin_hash is not None and not pin_is_right(certificate):
            _count_wrong_pin(command, snapshot, certificate, by, decision, records, clock)
        answer_stored_response(idempotency, snapshot, certificate.id.__eq__)
        # Hashed once: only Ed25519 needs the message itself.
        to_sign = (
            (command.message, MessageType(command.message_type))
            if algorithm.family is KeyFamily.ED25519
            else (digest, MessageType.DIGEST)
        )
        signature = keys.sign(
            to_sign[0],
            algorithm,
            to_sign[1],
            key_id=with_prefix("key", certificate.id),
            key_version=certificate.key_version,
            wrapped=snapshot.wrapped_key,
            spki_sha256=certificate.facts.spki_sha256,
        )
        event_id = next_event_id(now, certificate.last_event, snapshot.usage.last_event)
        event = certificate_event(
            EventType.CERTIFICATE_USED,
            certificate,
            recorded_caller(command, by),
            event_id,
            detail={**use_detail(command, decision.decided_by), "digest": digest.hex()},
        )
        result = Signature(signature, algorithm.name, certificate, made_at(event_id), event_id)
        records.commit(
            CertificateUsed(
                certificate, snapshot.usage, made_at(event_id), event_id, pin_was_right=certificate.pin_hash is not None
            ),
            events=[event],
            idempotency=idempotency,
            result=result,
        )
        return result

    return retry_on_conflict(decide)


def _about_the_same(
    snapshot: Snapshot, idempotency: IdempotencyKey | None, records: Records, keys: KeyRing
) -> Snapshot:
    """What is known of the certificate that a repeat was signed with before.

    An alias may have moved to another one since, and the kept signature is given again only where the certificate that
    made it may still be used.
    """
    stored = snapshot.stored
    if idempotency is None or stored is None or stored.fingerprint != idempotency.fingerprint or not stored.subjects:
        return snapshot
    (made_with,) = stored.subjects
    if snapshot.certificate is not None and snapshot.certificate.id == made_with:
        return snapshot
    return records.load(made_with, idempotency=idempotency, key=keys.holds)


def _visible(command: SignCommand, snapshot: Snapshot, by: Principal, records: Records, clock: Clock) -> Certificate:
    try:
        return visible(snapshot, by)
    except NotFoundError:
        if not command.dry_run:
            refuse_unseen(
                EventType.CERTIFICATE_USE_REFUSED,
                [(recorded_name(command), snapshot.certificate)],
                access=snapshot.access,
                by=recorded_caller(command, by),
                records=records,
                clock=clock,
                detail=use_detail(command, None),
            )
        raise


def _fitting(command: SignCommand, certificate: Certificate) -> tuple[SigningAlgorithm, bytes]:
    """The signing algorithm that `command` names, and the digest that it signs.

    Raises:
        AlgorithmMismatchError, DigestLengthError: they do not fit the key of `certificate`, or each other.
    """
    message_type = MessageType(command.message_type)
    algorithm = fitting(command.signing_algorithm, certificate.facts.key_algorithm, message_type)
    return algorithm, digest_of(command.message, algorithm, message_type)


def _decision(
    command: SignCommand, snapshot: Snapshot, certificate: Certificate, by: Principal, clock: Clock
) -> UseDecision:
    now = clock.now()
    by_policy = snapshot.access.use(certificate, by, command.application, now)
    return decide_use(
        certificate,
        snapshot.usage,
        allowed_by=by_policy.allowed_by,
        policy=by_policy.policy,
        too_costly=by_policy.too_costly,
        reason=command.reason,
        pin=command.pin,
        at=now,
    )


def _refused(
    command: SignCommand,
    certificate: Certificate,
    by: Principal,
    decision: UseDecision,
    refusal: SignetError,
    records: Records,
    clock: Clock,
) -> SignetError:
    """`refusal`, recorded; a dry run stores nothing."""
    if not command.dry_run:
        records.commit(events=[_refusal_event(command, certificate, by, decision, refusal.code, clock)])
    return refusal


def _refusal_event(
    command: SignCommand, certificate: Certificate, by: Principal, decision: UseDecision, code: str, clock: Clock
) -> Event:
    return certificate_event(
        EventType.CERTIFICATE_USE_REFUSED,
        certificate,
        recorded_caller(command, by),
        next_event_id(clock.now(), certificate.last_event),
        outcome=Outcome.REFUSED,
        code=code,
        detail=use_detail(command, decision.decided_by),
    )


def _count_wrong_pin(
    command: SignCommand,
    snapshot: Snapshot,
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
    after = after_wrong_pin(snapshot.usage, clock.now())
    records.commit(
        PinFailed(certificate, snapshot.usage, after),
        events=[_refusal_event(command, certificate, by, decision, error.code, clock)],
    )
    raise error
