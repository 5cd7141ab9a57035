"""The calls that find objects and read their attributes."""

from __future__ import annotations

from signet_cli.pkcs11 import cryptoki as ck
from signet_cli.pkcs11.conversation import Conversation, Session
from signet_cli.pkcs11.cryptoki import CryptokiError
from signet_cli.pkcs11.tokens import Object
from signet_cli.pkcs11.wire import AttributeRoom, Reader, Writer, length_of


def find_objects_init(conversation: Conversation, call: Reader) -> Writer:
    """C_FindObjectsInit."""
    session, template = conversation.session(call.ulong()), call.attributes()
    if session.found is not None:
        raise CryptokiError(ck.CKR_OPERATION_ACTIVE)
    visible = conversation.visible(session)
    session.found = [handle for handle, each in visible.items() if each.matches(template)]
    token = conversation.slots.token(session.slot)
    if template.get(ck.CKA_CLASS) == ck.CKO_PRIVATE_KEY and len(visible) < len(token.objects):
        conversation.slots.was_looked_for(token)
    return Writer()


def find_objects(conversation: Conversation, call: Reader) -> Writer:
    """C_FindObjects."""
    session, room = conversation.session(call.ulong()), call.room()
    if session.found is None:
        raise CryptokiError(ck.CKR_OPERATION_NOT_INITIALIZED)
    told, session.found = session.found[:room], session.found[room:]
    return Writer().ulongs(told, room=max(room, len(told)))


def find_objects_final(conversation: Conversation, call: Reader) -> Writer:
    """C_FindObjectsFinal."""
    session = conversation.session(call.ulong())
    if session.found is None:
        raise CryptokiError(ck.CKR_OPERATION_NOT_INITIALIZED)
    session.found = None
    return Writer()


def get_attribute_value(conversation: Conversation, call: Reader) -> Writer:
    """C_GetAttributeValue: all that were asked for, in order, and then how it ended."""
    session, handle, asked = conversation.session(call.ulong()), call.ulong(), call.attribute_rooms()
    found = _object(conversation, session, handle)
    answer = Writer().u32(len(asked))
    ended = ck.CKR_OK
    for each in asked:
        ended = _write_attribute(answer, found, each) or ended
    return answer.ulong(ended)


def get_object_size(conversation: Conversation, call: Reader) -> Writer:
    """C_GetObjectSize."""
    session, handle = conversation.session(call.ulong()), call.ulong()
    return Writer().ulong(sum(length_of(value) for value in _object(conversation, session, handle).attributes.values()))


def _object(conversation: Conversation, session: Session, handle: int) -> Object:
    found = conversation.visible(session).get(handle)
    if found is None:
        raise CryptokiError(ck.CKR_OBJECT_HANDLE_INVALID)
    return found


def _write_attribute(answer: Writer, found: Object, asked: AttributeRoom) -> int:
    """Put one attribute into `answer`; CKR_OK, or why its value is not there."""
    if found.hides(asked.type):
        answer.attribute(asked.type, None)
        return ck.CKR_ATTRIBUTE_SENSITIVE
    value = found.attributes.get(asked.type)
    answer.attribute(asked.type, value)
    if value is None:
        return ck.CKR_ATTRIBUTE_TYPE_INVALID
    return ck.CKR_BUFFER_TOO_SMALL if 0 < asked.room < length_of(value) else ck.CKR_OK
