"""SignWithCertificate: one signature, decided, made, recorded, and only then answered."""

from dataclasses import replace

from signet.domain.certificates.certificate import Certificate
from signet.domain.errors import NotFoundError, PinWrongError, SignetError
from signet.domain.events.event import EventType, next_event_id
from signet.domain.identifiers import made_at, with_prefix
from signet.domain.signing.digest import digest_of, fitting
from signet.domain.signing.key_algorithm import MessageType, SigningAlgorithm
from signet.domain.signing.sign_command import SignCommand
from signet.domain.signing.signature import Signature
from signet.domain.signing.use_decision import UseDecision, after_wrong_pin, decide_use
from signet.domain.signing.use_record import granted_event, recorded_name, refused_event, use_detail
from signet.operations.authorisation import visible
from signet.operations.idempotency import answer_stored_response
from signet.operations.retry_on_conflict import retry_on_conflict
from signet.operations.unseen import refuse_unseen
from signet.ports.changes import CertificateUsed, PinFailed
from signet.ports.keys import KeyRing, PinHasher
from signet.ports.session import Session
from signet.ports.store import Snapshot


def sign_with_certificate(command: SignCommand, *, within: Session, keys: KeyRing, pins: PinHasher) -> Signature:
    """Sign what `command` asks and record the use; nothing is answered that is not recorded.

    Raises:
        NotFoundError: no such certificate, or the caller sees none; recorded where a role or a policy names the caller.
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
        snapshot = _about_the_same(within.load(command.certificate, key=keys.holds), within, keys)
        certificate = _visible(command, snapshot, within)
        if (named := _in_line(command, certificate)) != certificate.id:
            snapshot = within.load(named, key=keys.holds)
            certificate = _visible(command, snapshot, within)
        fitted = command.for_key(certificate.facts.key_algorithm)
        # Before anything is decided: an order that cannot be signed tells nothing of the PIN that came with it.
        algorithm, digest = _fitting(fitted, certificate)
        now = within.now
        by_policy = snapshot.access.use(certificate, within.caller, fitted.application, now)
        use = decide_use(fitted, certificate, snapshot.usage, by_policy, at=now)
        if use.refusal is not None:
            raise _refused(use, use.refusal, within)
        if command.dry_run:
            answer_stored_response(within, snapshot, certificate.id.__eq__)
            return Signature(None, algorithm.name, certificate, now, None)
        if certificate.pin_hash is not None and not pin_is_right(certificate):
            raise _counted(use, within)
        answer_stored_response(within, snapshot, certificate.id.__eq__)
        # Hashed once, where the key does not need the message itself.
        to_sign = (
            (fitted.message, MessageType(fitted.message_type))
            if algorithm.takes_the_message
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
        result = Signature(signature, algorithm.name, certificate, made_at(event_id), event_id)
        within.commit(
            CertificateUsed(
                certificate, snapshot.usage, made_at(event_id), event_id, pin_was_right=certificate.pin_hash is not None
            ),
            events=[granted_event(use, within.caller, event_id, digest=digest)],
            result=result,
        )
        return result

    return retry_on_conflict(decide)


def _about_the_same(snapshot: Snapshot, within: Session, keys: KeyRing) -> Snapshot:
    """What is known of the certificate that a repeat was signed with before.

    An alias may have moved to another one since, and the kept signature is given again only where the certificate that
    made it may still be used.
    """
    stored = snapshot.stored
    if (
        within.idempotency is None
        or stored is None
        or stored.fingerprint != within.idempotency.fingerprint
        or not stored.subjects
    ):
        return snapshot
    (made_with,) = stored.subjects
    if snapshot.certificate is not None and snapshot.certificate.id == made_with:
        return snapshot
    return within.load(made_with, key=keys.holds)


def _in_line(command: SignCommand, certificate: Certificate) -> str:
    """The id of the certificate that signs: `certificate`, or the one that `command` counts in its line of renewals.

    Raises:
        InvalidInputError: the line has none of that number yet.
    """
    return certificate.id if command.place_in_line == 0 else certificate.id_in_line(command.place_in_line)


def _visible(command: SignCommand, snapshot: Snapshot, within: Session) -> Certificate:
    try:
        return visible(snapshot, within)
    except NotFoundError:
        if not command.dry_run:
            refuse_unseen(
                EventType.CERTIFICATE_USE_REFUSED,
                [(recorded_name(command), snapshot.certificate)],
                access=snapshot.access,
                within=within,
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


def _refused(use: UseDecision, refusal: SignetError, within: Session) -> SignetError:
    """`refusal`, recorded; a dry run stores nothing."""
    if not use.command.dry_run:
        within.record(refused_event(use, within.caller, next_event_id(within.now, use.certificate.last_event)))
    return refusal


def _counted(use: UseDecision, within: Session) -> PinWrongError:
    """That the PIN is wrong, which is told only once it is counted: of many at once, five are told.

    Raises:
        ChangedMeanwhileError: another PIN was tried at the same time; nothing is told of this one.
    """
    error = PinWrongError("That is not the PIN.")
    now = within.now
    event_id = next_event_id(now, use.certificate.last_event)
    within.records.commit(
        PinFailed(use.certificate, use.usage, after_wrong_pin(use.usage, now)),
        events=[refused_event(replace(use, refusal=error), within.caller, event_id)],
    )
    return error
