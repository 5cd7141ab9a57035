"""The slots of this process: one for each certificate that may be used, and how a signature of one is had."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import secrets
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from signet_cli.pkcs11 import cryptoki as ck
from signet_cli.pkcs11.caller import NotLoggedInError
from signet_cli.pkcs11.cryptoki import CryptokiError
from signet_cli.pkcs11.der import X509, DerError, RsaPublicKey, fixed_width_signature, read_certificate
from signet_cli.pkcs11.mechanisms import Signing
from signet_cli.pkcs11.program import Program, has_left
from signet_cli.pkcs11.prompts import NobodyToAskError, ask, has_display, tell
from signet_cli.pkcs11.service import OutOfReachError, Service, ServiceError, SignCommand, Usable
from signet_cli.pkcs11.tokens import Token

_PEM_CERTIFICATE: Final = re.compile(rb"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)

_RV_OF_CODE: Final = {
    "unauthenticated": ck.CKR_DEVICE_ERROR,
    "pin_required": ck.CKR_USER_NOT_LOGGED_IN,
    "pin_wrong": ck.CKR_PIN_INCORRECT,
    "pin_locked": ck.CKR_PIN_LOCKED,
    "reason_required": ck.CKR_FUNCTION_REJECTED,
    "certificate_disabled": ck.CKR_KEY_FUNCTION_NOT_PERMITTED,
    "certificate_expired": ck.CKR_KEY_FUNCTION_NOT_PERMITTED,
    "certificate_not_yet_valid": ck.CKR_KEY_FUNCTION_NOT_PERMITTED,
    "not_allowed_by_policy": ck.CKR_KEY_FUNCTION_NOT_PERMITTED,
    "no_private_key": ck.CKR_KEY_FUNCTION_NOT_PERMITTED,
    "not_found": ck.CKR_KEY_HANDLE_INVALID,
    "algorithm_mismatch": ck.CKR_MECHANISM_INVALID,
    "digest_length": ck.CKR_DATA_LEN_RANGE,
}


class Slots:
    """The tokens by slot, and the PINs that people gave for them."""

    def __init__(self, service: Service, program: Program) -> None:
        self._service = service
        self._program = program
        # Taken out of the environment, so that no child of this process inherits it.
        self._pin_for_all = os.environ.pop("SIGNET_PIN", None) or None
        self.asks_in_a_window = has_display() and not program.may_bring_pin
        """Whether programs are to leave the PIN to the agent, which shows a window. A program that could have a PIN at
        hand is not told so: Java's would then not use the one that it was given."""
        self._unseen: dict[str, str] = {}
        self._reason = os.environ.get("SIGNET_REASON") or None
        self._ids: list[str] = []
        self._tokens: dict[str, Token] = {}
        self._chains: dict[str, tuple[X509, ...]] = {}
        self._pins: dict[str, str] = {}
        self._salt = secrets.token_bytes(16)
        self._wrong_pins: set[tuple[str, bytes]] = set()
        self._without_reason: set[tuple[str, Signing]] = set()

    # --- which there are -------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Look again; a slot keeps its number, and one whose certificate is gone is empty."""
        try:
            found = list(self._service.usable())
        except (ServiceError, OutOfReachError, NotLoggedInError) as error:
            tell(_words_of(error))
            raise CryptokiError(ck.CKR_DEVICE_ERROR) from error
        self._tokens = {token.certificate_id: token for each in found if (token := self._token_of(each)) is not None}
        self._ids += [identifier for identifier in self._tokens if identifier not in self._ids]

    def numbers(self, *, with_token: bool) -> list[int]:
        """The slots; with `with_token` only those that hold one."""
        return [slot for slot, identifier in enumerate(self._ids) if not with_token or identifier in self._tokens]

    def holds_token(self, slot: int) -> bool:
        """Whether there is a token in `slot`."""
        return self._id_of(slot) in self._tokens

    def token(self, slot: int) -> Token:
        """The token in `slot`, with the rest of its certificate's path.

        Raises:
            CryptokiError: there is no such slot, or it is empty.
        """
        token = self._tokens.get(self._id_of(slot))
        if token is None:
            raise CryptokiError(ck.CKR_TOKEN_NOT_PRESENT)
        return token

    def with_chain(self, slot: int) -> Token:
        """The token in `slot` with the rest of its path, which is asked for when somebody first looks inside."""
        token = self.token(slot)
        if token.certificate_id in self._chains:
            return token
        try:
            chain = tuple(_certificates_in(self._service.chain(token.certificate_id)))[1:]
        except (ServiceError, OutOfReachError, NotLoggedInError, ValueError) as error:
            # Told once, and not asked again: what the program is after may need no path.
            tell(f"The path of {token.alias} could not be had: {error}")
            chain = ()
        self._chains[token.certificate_id] = chain
        complete = replace(token, chain=chain)
        self._tokens[token.certificate_id] = complete
        return complete

    def _id_of(self, slot: int) -> str:
        if slot >= len(self._ids):
            raise CryptokiError(ck.CKR_SLOT_ID_INVALID)
        return self._ids[slot]

    def _token_of(self, usable: Usable) -> Token | None:
        try:
            certificate = read_certificate(usable.der)
        except DerError:
            return None
        if certificate.public_key is None:
            return None  # Ed25519 and ML-DSA: no release of p11-kit passes their mechanisms on.
        return Token(
            usable.id,
            usable.alias,
            certificate,
            self._chains.get(usable.id, ()),
            usable.pin_required,
            usable.reason_required,
            asks_for_login=usable.pin_required and self._pin_for_all is None,
        )

    # --- PINs ------------------------------------------------------------------------------------------------------

    def log_in(self, token: Token, pin: bytes | None) -> None:
        """Keep `pin` for signatures with `token`; None asks the person. Only a signature shows whether it is right.

        Raises:
            CryptokiError: it was tried before and is wrong, or nobody gave one.
        """
        if not token.pin_required:
            return
        text = self._ask_for_pin(token) if pin is None else _decoded(pin)
        if self._digest(token, text) in self._wrong_pins:
            raise CryptokiError(ck.CKR_PIN_INCORRECT)
        self._pins[token.certificate_id] = text
        self._unseen.pop(token.certificate_id, None)

    def was_looked_for(self, token: Token) -> None:
        """A program looks for the key of `token`, which it does not see before it has logged in."""
        self._unseen[token.certificate_id] = token.alias

    def tell_what_was_not_seen(self) -> None:
        """Say of the keys that were looked for without a login, since the program only says that there are none."""
        for alias in self._unseen.values():
            tell(f"{alias} asks for a PIN, and the program did not log in. Set SIGNET_PIN, or let the program log in.")
        self._unseen.clear()

    def log_out(self, token: Token) -> None:
        """Forget its PIN."""
        self._pins.pop(token.certificate_id, None)

    def forget_pins(self) -> None:
        """Forget every PIN that was given; which were wrong stays known."""
        self._pins.clear()

    def is_logged_in(self, token: Token) -> bool:
        """Whether a PIN was given for it, right or wrong: what was seen is not hidden again by a refusal."""
        return token.certificate_id in self._pins

    def may_log_in_again(self, token: Token) -> bool:
        """Whether the PIN that was given has turned out wrong."""
        pin = self._pins.get(token.certificate_id)
        return pin is not None and self._digest(token, pin) in self._wrong_pins

    def _ask_for_pin(self, token: Token) -> str:
        try:
            return ask("Signet", f"The PIN of {token.alias}:", hidden=True)
        except NobodyToAskError as error:
            tell(f"{token.alias} asks for a PIN. {error} Set SIGNET_PIN, or give the program the PIN.")
            raise CryptokiError(ck.CKR_USER_NOT_LOGGED_IN) from error

    def _ask_for_reason(self, token: Token, signing: Signing) -> str:
        if (token.certificate_id, signing) in self._without_reason:
            # Some programs try a refused signature again in another way; the person has said no.
            raise CryptokiError(ck.CKR_FUNCTION_REJECTED)
        try:
            return ask("Signet", f"{token.alias} is about to sign. For what reason?", hidden=False)
        except NobodyToAskError as error:
            self._without_reason.add((token.certificate_id, signing))
            tell(f"{token.alias} asks for a reason. {error} Set SIGNET_REASON.")
            raise CryptokiError(ck.CKR_FUNCTION_REJECTED) from error

    def _digest(self, token: Token, pin: str) -> tuple[str, bytes]:
        # Kept to know it again, not to keep it: with a salt of this process, in its memory only.
        return token.certificate_id, hashlib.sha256(self._salt + pin.encode()).digest()

    # --- signing ---------------------------------------------------------------------------------------------------

    def sign(self, token: Token, signing: Signing) -> bytes:
        """The signature, in the form of PKCS#11.

        Raises:
            CryptokiError: refused; what the service said was told to the person.
        """
        pin = None
        if token.pin_required:
            pin = self._pins.get(token.certificate_id) or self._pin_for_all or self._ask_for_pin(token)
            if self._digest(token, pin) in self._wrong_pins:
                tell(f"That is not the PIN of {token.alias}; it was not sent again.")
                raise CryptokiError(ck.CKR_PIN_INCORRECT)
        command_line = self._program.command_line
        if command_line is not None and pin is not None:
            command_line = command_line.replace(pin, "***")
        reason = self._reason
        if token.reason_required and reason is None:
            reason = self._ask_for_reason(token, signing)
        if has_left():
            # While somebody was asked, say: a signature would be counted that nobody gets.
            raise CryptokiError(ck.CKR_FUNCTION_CANCELED)
        command = SignCommand(
            token.certificate_id,
            signing.algorithm,
            signing.digest,
            pin,
            reason,
            self._program.process,
            command_line,
        )
        try:
            signature = self._service.sign(command)
        except ServiceError as error:
            if error.code == "pin_wrong" and pin is not None:
                self._wrong_pins.add(self._digest(token, pin))
            tell(f"{token.alias} did not sign: {_words_of(error)}")
            raise CryptokiError(_RV_OF_CODE.get(error.code, ck.CKR_FUNCTION_FAILED)) from error
        except (OutOfReachError, NotLoggedInError) as error:
            tell(str(error))
            raise CryptokiError(ck.CKR_DEVICE_ERROR) from error
        return _as_pkcs11_has_it(token, signature)

    def was_handed_on(self) -> None:
        """The program has the answer to its last call, and with it the signature if that was one."""
        self._service.was_handed_on()


def _words_of(error: Exception) -> str:
    if isinstance(error, ServiceError) and error.status == 401:
        return f"{error.detail} Run signet login, or set SIGNET_ID_TOKEN to a token that is still good."
    return str(error)


def _as_pkcs11_has_it(token: Token, signature: bytes) -> bytes:
    key = token.public_key
    try:
        found = signature if isinstance(key, RsaPublicKey) else fixed_width_signature(signature, key.coordinate_bytes)
    except DerError as error:
        raise CryptokiError(ck.CKR_DEVICE_ERROR, f"What the service answered is no signature: {error}.") from error
    if len(found) != token.signature_bytes:
        text = f"What the service answered is no signature: {len(found)} bytes, not {token.signature_bytes}."
        raise CryptokiError(ck.CKR_DEVICE_ERROR, text)
    return found


def _decoded(pin: bytes) -> str:
    try:
        return pin.decode()
    except UnicodeDecodeError as error:
        tell("The PIN that the program gave is not UTF-8.")
        raise CryptokiError(ck.CKR_PIN_INCORRECT) from error


def _certificates_in(pem: bytes) -> Iterable[X509]:
    for block in _PEM_CERTIFICATE.findall(pem):
        yield read_certificate(base64.b64decode(block))
