"""The calls about sessions, and those that log a program in and out."""

from __future__ import annotations

from signet_cli.pkcs11 import cryptoki as ck
from signet_cli.pkcs11.conversation import Conversation, Session
from signet_cli.pkcs11.cryptoki import CryptokiError
from signet_cli.pkcs11.wire import Reader, Writer


def open_session(conversation: Conversation, call: Reader) -> Writer:
    """C_OpenSession."""
    slot, flags = call.ulong(), call.ulong()
    conversation.slots.token(slot)
    if not flags & ck.CKF_SERIAL_SESSION:
        raise CryptokiError(0xB4)  # CKR_SESSION_PARALLEL_NOT_SUPPORTED
    handle = conversation.open(Session(slot, bool(flags & ck.CKF_RW_SESSION)))
    return Writer().ulong(handle)


def close_session(conversation: Conversation, call: Reader) -> Writer:
    """C_CloseSession; with the last one of a token its PIN is forgotten."""
    handle = call.ulong()
    session = conversation.session(handle)
    del conversation.sessions[handle]
    conversation.forget_pin_without_sessions(session.slot)
    return Writer()


def close_all_sessions(conversation: Conversation, call: Reader) -> Writer:
    """C_CloseAllSessions."""
    slot = call.ulong()
    conversation.sessions = {handle: each for handle, each in conversation.sessions.items() if each.slot != slot}
    conversation.forget_pin_without_sessions(slot)
    return Writer()


def get_session_info(conversation: Conversation, call: Reader) -> Writer:
    """C_GetSessionInfo."""
    session = conversation.session(call.ulong())
    inside = conversation.slots.is_logged_in(conversation.slots.token(session.slot))
    if session.writable:
        state = ck.CKS_RW_USER_FUNCTIONS if inside else ck.CKS_RW_PUBLIC_SESSION
    else:
        state = ck.CKS_RO_USER_FUNCTIONS if inside else ck.CKS_RO_PUBLIC_SESSION
    flags = ck.CKF_SERIAL_SESSION | (ck.CKF_RW_SESSION if session.writable else 0)
    return Writer().ulong(session.slot, state, flags, 0)


def log_in(conversation: Conversation, call: Reader) -> Writer:
    """C_Login: a PIN cannot be checked without a signature, so it is only kept."""
    session, user, pin = conversation.session(call.ulong()), call.ulong(), call.byte_array()
    if user not in {ck.CKU_USER, ck.CKU_CONTEXT_SPECIFIC}:
        raise CryptokiError(ck.CKR_USER_TYPE_INVALID)
    token = conversation.slots.token(session.slot)
    inside = conversation.slots.is_logged_in(token) and not conversation.slots.may_log_in_again(token)
    if user == ck.CKU_USER and inside:
        raise CryptokiError(ck.CKR_USER_ALREADY_LOGGED_IN)
    conversation.slots.log_in(token, pin)
    return Writer()


def log_out(conversation: Conversation, call: Reader) -> Writer:
    """C_Logout."""
    session = conversation.session(call.ulong())
    conversation.slots.log_out(conversation.slots.token(session.slot))
    return Writer()
