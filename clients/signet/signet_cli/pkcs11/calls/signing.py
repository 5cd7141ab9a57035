"""The calls that sign, and the one that cancels what a session has begun."""

from __future__ import annotations

from signet_cli.pkcs11 import cryptoki as ck
from signet_cli.pkcs11.conversation import Conversation, Session
from signet_cli.pkcs11.cryptoki import CryptokiError
from signet_cli.pkcs11.mechanisms import Operation
from signet_cli.pkcs11.tokens import Token
from signet_cli.pkcs11.wire import EMPTY_BUFFER, Reader, Writer


def sign_init(conversation: Conversation, call: Reader) -> Writer:
    """C_SignInit; without a mechanism it cancels."""
    session, mechanism, key = conversation.session(call.ulong()), call.mechanism(), call.ulong()
    if mechanism is None:
        session.operation = session.key = None
        return Writer()
    if session.operation is not None:
        raise CryptokiError(ck.CKR_OPERATION_ACTIVE)
    found = conversation.visible(session).get(key)
    if found is None or found.kind != ck.CKO_PRIVATE_KEY:
        raise CryptokiError(ck.CKR_KEY_HANDLE_INVALID)
    token = conversation.slots.token(session.slot)
    session.operation, session.key = Operation(mechanism, token.public_key), token
    return Writer()


def sign(conversation: Conversation, call: Reader) -> Writer:
    """C_Sign: all at once. To ask for the length costs no signature."""
    session = conversation.session(call.ulong())
    operation, token = _begun(session)
    if operation.multipart:
        raise CryptokiError(ck.CKR_OPERATION_ACTIVE)
    # The room stands behind the data, which may be too long to be kept until then: it is fed to a copy, since who only
    # asks for the length sends all of it as well, and once more with the room.
    fed = operation.copy()
    _feed(session, fed, call)
    if _has_no_room(token, call.room()):
        return Writer().byte_length(token.signature_bytes)
    return _finish(conversation, session, fed, token)


def sign_update(conversation: Conversation, call: Reader) -> Writer:
    """C_SignUpdate."""
    session = conversation.session(call.ulong())
    operation, _ = _begun(session)
    operation.multipart = True
    _feed(session, operation, call)
    return Writer()


def sign_final(conversation: Conversation, call: Reader) -> Writer:
    """C_SignFinal."""
    session, room = conversation.session(call.ulong()), call.room()
    operation, token = _begun(session)
    if _has_no_room(token, room):
        return Writer().byte_length(token.signature_bytes)
    return _finish(conversation, session, operation, token)


def _feed(session: Session, operation: Operation, call: Reader) -> None:
    try:
        for part in call.parts():
            operation.feed(part)
    except CryptokiError:
        session.operation = session.key = None
        raise


def _finish(conversation: Conversation, session: Session, operation: Operation, token: Token) -> Writer:
    # Whatever comes of it, the operation is over (PKCS#11, 5.13.2): it is not sent twice.
    session.operation = session.key = None
    return Writer().byte_array(conversation.slots.sign(token, operation.finish()))


def session_cancel(conversation: Conversation, call: Reader) -> Writer:
    """C_SessionCancel."""
    session = conversation.session(call.ulong())
    session.operation = session.key = session.found = None
    return Writer()


def _begun(session: Session) -> tuple[Operation, Token]:
    if session.operation is None or session.key is None:
        raise CryptokiError(ck.CKR_OPERATION_NOT_INITIALIZED)
    return session.operation, session.key


def _has_no_room(token: Token, room: int) -> bool:
    return room == EMPTY_BUFFER or room < token.signature_bytes
