"""The calls about the agent itself, its slots and the tokens in them."""

from __future__ import annotations

import os
from typing import Final

from signet_cli.pkcs11 import cryptoki as ck
from signet_cli.pkcs11.conversation import Conversation
from signet_cli.pkcs11.cryptoki import CryptokiError
from signet_cli.pkcs11.mechanisms import EC_MECHANISMS
from signet_cli.pkcs11.wire import EMPTY_BUFFER, NO_BUFFER, Reader, Writer

HANDSHAKE: Final = b"PRIVATE-GNOME-KEYRING-PKCS11-PROTOCOL-V-1"
MANUFACTURER: Final = "Signet"
MAX_RANDOM_BYTES: Final = 64 * 1024
LONGEST_PIN: Final = 64
SHORTEST_PIN: Final = 4


def initialize(conversation: Conversation, call: Reader) -> Writer:
    """C_Initialize: again for a forked child, which starts over."""
    if call.byte_array() != HANDSHAKE:
        raise CryptokiError(ck.CKR_GENERAL_ERROR)
    conversation.start_over()
    return Writer()


def finalize(conversation: Conversation, _: Reader) -> Writer:
    """C_Finalize."""
    conversation.start_over()
    return Writer()


def get_info(_: Conversation, __: Reader) -> Writer:
    """C_GetInfo."""
    return Writer().version(2, 40).padded(MANUFACTURER, 32).ulong(0).padded("Signet agent", 32).version(1, 0)


def get_slot_list(conversation: Conversation, call: Reader) -> Writer:
    """C_GetSlotList: asks the service again when the program asks how many there are."""
    with_token, room = bool(call.byte()), call.room()
    if room == NO_BUFFER or not conversation.slots.numbers(with_token=False):
        conversation.slots.refresh()
    return Writer().ulongs(conversation.slots.numbers(with_token=with_token), room=room)


def get_slot_info(conversation: Conversation, call: Reader) -> Writer:
    """C_GetSlotInfo."""
    slot = call.ulong()
    present = conversation.slots.holds_token(slot)
    alias = conversation.slots.token(slot).alias if present else "empty"
    return (
        Writer()
        .padded(f"Signet: {alias}", 64)
        .padded(MANUFACTURER, 32)
        .ulong(ck.CKF_TOKEN_PRESENT if present else 0)
        .version(1, 0)
        .version(1, 0)
    )


def get_token_info(conversation: Conversation, call: Reader) -> Writer:
    """C_GetTokenInfo."""
    token = conversation.slots.token(call.ulong())
    flags = ck.CKF_TOKEN_INITIALIZED | ck.CKF_WRITE_PROTECTED
    if token.asks_for_login:
        flags |= ck.CKF_LOGIN_REQUIRED | ck.CKF_USER_PIN_INITIALIZED
        if conversation.slots.asks_in_a_window:
            # The program then logs in without a PIN, and the agent asks for it.
            flags |= ck.CKF_PROTECTED_AUTHENTICATION_PATH
    unknown = ck.CK_UNAVAILABLE_INFORMATION
    return (
        Writer()
        .padded(token.alias, 32)
        .padded(MANUFACTURER, 32)
        .padded("Signet", 16)
        .padded(token.serial_number, 16)
        .ulong(
            flags, 0, len(conversation.sessions), 0, 0, LONGEST_PIN, SHORTEST_PIN, unknown, unknown, unknown, unknown
        )
        .version(1, 0)
        .version(1, 0)
        .padded("", 16)
    )


def get_mechanism_list(conversation: Conversation, call: Reader) -> Writer:
    """C_GetMechanismList."""
    token, room = conversation.slots.token(call.ulong()), call.room()
    return Writer().ulongs(token.mechanisms, room=room)


def get_mechanism_info(conversation: Conversation, call: Reader) -> Writer:
    """C_GetMechanismInfo."""
    token, mechanism = conversation.slots.token(call.ulong()), call.ulong()
    if mechanism not in token.mechanisms:
        raise CryptokiError(ck.CKR_MECHANISM_INVALID)
    flags = ck.CKF_HW | ck.CKF_SIGN
    if mechanism in EC_MECHANISMS:
        return Writer().ulong(256, 521, flags | ck.CKF_EC_F_P | ck.CKF_EC_NAMEDCURVE | ck.CKF_EC_UNCOMPRESS)
    return Writer().ulong(2048, 4096, flags)


def generate_random(conversation: Conversation, call: Reader) -> Writer:
    """C_GenerateRandom, from the operating system."""
    conversation.session(call.ulong())
    room = call.room()
    if room in {NO_BUFFER, EMPTY_BUFFER}:
        return Writer().byte_length(0)
    return Writer().byte_array(os.urandom(min(room, MAX_RANDOM_BYTES)))


def seed_random(_: Conversation, __: Reader) -> Writer:
    """C_SeedRandom: the operating system needs no help."""
    return Writer()
