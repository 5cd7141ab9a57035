"""A PKCS#11 program at the other end of the agent: calls as p11-kit writes them, and a service that is in memory."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
from cryptography.hazmat.primitives.serialization import Encoding

from signet_cli.pkcs11 import cryptoki as ck
from signet_cli.pkcs11.agent import Agent
from signet_cli.pkcs11.calls.library import HANDSHAKE
from signet_cli.pkcs11.program import Program
from signet_cli.pkcs11.service import Account, Service, ServiceError, SignCommand, Usable
from signet_cli.pkcs11.slots import Slots
from signet_cli.pkcs11.wire import Reader
from tests.support.certificates.issued import Issued, issue

PIN = "2468"
PROGRAM = Program("openssl", "openssl dgst -sign")

_HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}


class RefusedCallError(Exception):
    """The agent answered with a CK_RV."""

    def __init__(self, rv: int) -> None:
        super().__init__(f"{rv:#x}")
        self.rv = rv


def u32(number: int) -> bytes:
    return struct.pack(">I", number)


def u64(number: int) -> bytes:
    return struct.pack(">Q", number)


def byte_array(value: bytes | None) -> bytes:
    return b"\0" + u32(0) if value is None else b"\1" + u32(len(value)) + value


def template(*attributes: tuple[int, int | bool | bytes]) -> bytes:
    """`aA`."""
    parts = [u32(len(attributes))]
    for kind, value in attributes:
        length, encoded = _attribute(value)
        parts.append(u32(kind) + b"\1" + u32(length) + encoded)
    return b"".join(parts)


def _attribute(value: int | bool | bytes) -> tuple[int, bytes]:
    if isinstance(value, bool):
        return 1, bytes((value,))
    if isinstance(value, int):
        return 8, u64(value)
    return len(value), u32(len(value)) + value


def pss(bits: int, *, mask: int | None = None, salt: int | None = None) -> bytes:
    """CK_RSA_PKCS_PSS_PARAMS as it travels."""
    hash_algorithm = {160: 0x220, 256: ck.CKM_SHA256, 384: ck.CKM_SHA384, 512: ck.CKM_SHA512}[bits]
    masks = {160: 1, 256: ck.CKG_MGF1_SHA256, 384: ck.CKG_MGF1_SHA384, 512: ck.CKG_MGF1_SHA512}
    return u64(hash_algorithm) + u64(masks[mask or bits]) + u64(bits // 8 if salt is None else salt)


def call_body(number: int, *arguments: bytes) -> bytes:
    return u32(number) + u32(0) + b"".join(arguments)


@dataclass
class StandInService(Service):
    """Signs with keys of its own, and counts."""

    certificates: dict[str, Issued]
    pins: dict[str, str] = field(default_factory=dict)
    reasons: frozenset[str] = frozenset()
    received: list[SignCommand] = field(default_factory=list)
    signatures: int = 0
    paths_read: int = 0

    def __post_init__(self) -> None:
        super().__init__(lambda renew: Account("https://signet.example.com", "token"))

    def usable(self) -> Iterator[Usable]:
        for name, issued in self.certificates.items():
            yield Usable(f"crt_{name}", name, issued.der, name in self.pins, name in self.reasons)

    def chain(self, certificate_id: str) -> bytes:
        self.paths_read += 1
        issued = self.certificates[certificate_id.removeprefix("crt_")]
        return issued.pem + issued.chain_pem

    def sign(self, command: SignCommand) -> bytes:
        self.received.append(command)
        name = command.certificate_id.removeprefix("crt_")
        if name not in self.certificates:
            raise ServiceError(404, "not_found", "There is no such certificate.")
        if self.pins.get(name) not in {None, command.pin}:
            raise ServiceError(403, "pin_wrong", "That is not the PIN.")
        self.signatures += 1
        return signature_of(self.certificates[name], command)


def signature_of(issued: Issued, command: SignCommand) -> bytes:
    algorithm = _HASHES[command.algorithm[-3:]]
    prehashed = utils.Prehashed(algorithm)
    made: bytes
    if command.algorithm.startswith("ECDSA"):
        made = issued.key.sign(command.digest, ec.ECDSA(prehashed))
    elif command.algorithm.startswith("RSASSA_PSS"):
        scheme = padding.PSS(padding.MGF1(algorithm), algorithm.digest_size)
        made = issued.key.sign(command.digest, scheme, prehashed)
    else:
        made = issued.key.sign(command.digest, padding.PKCS1v15(), prehashed)
    return made


@cache
def rsa_certificate() -> Issued:
    return issue("RSA of all tests", algorithm="RSA_2048")


@cache
def ec_certificate() -> Issued:
    return issue("EC of all tests")


class Answers(Protocol):
    """An agent: of this process, or one of its own."""

    def answer(self, body: bytes, /) -> bytes:
        """The body of the answer to the call in `body`."""


@dataclass
class Pkcs11Program:
    """Calls an agent, one call after the other."""

    agent: Answers

    def call(self, number: int, *arguments: bytes) -> Reader:
        """The values of the answer.

        Raises:
            RefusedCallError: the agent refused.
        """
        answer = Reader(self.agent.answer(call_body(number, *arguments)))
        answered = answer.u32()
        answer.counted()
        if answered == 0:
            raise RefusedCallError(answer.ulong())
        assert answered == number
        return answer

    def initialize(self) -> None:
        self.call(1, byte_array(HANDSHAKE), byte_array(b""), byte_array(b""))

    def slots(self) -> list[int]:
        count = self.call(4, b"\1", u32(0))
        count.byte()
        answer = self.call(4, b"\1", u32(count.u32()))
        assert answer.byte() == 1
        return [answer.ulong() for _ in range(answer.u32())]

    def slot_of(self, alias: str) -> int:
        """The slot whose token has this label."""
        return next(slot for slot in self.slots() if self.call(6, u64(slot)).counted().rstrip() == alias.encode())

    def open_session(self, slot: int) -> int:
        return self.call(10, u64(slot), u64(ck.CKF_SERIAL_SESSION)).ulong()

    def log_in(self, session: int, pin: str | None) -> None:
        self.call(18, u64(session), u64(ck.CKU_USER), byte_array(None if pin is None else pin.encode()))

    def find(self, session: int, *attributes: tuple[int, int | bool | bytes]) -> list[int]:
        self.call(26, u64(session), template(*attributes))
        found: list[int] = []
        while True:
            answer = self.call(27, u64(session), u32(2))
            assert answer.byte() == 1
            count = answer.u32()
            found += [answer.ulong() for _ in range(count)]
            if not count:
                break
        self.call(28, u64(session))
        return found

    def private_key(self, session: int) -> int:
        (key,) = self.find(session, (ck.CKA_CLASS, ck.CKO_PRIVATE_KEY))
        return key

    def begin(self, session: int, key: int, mechanism: int, parameter: bytes = b"") -> None:
        """C_SignInit, as since p11-kit 0.25.6."""
        self.call(42, u64(session), u32(mechanism), parameter and b"\1" + parameter, u64(key))

    def sign(self, session: int, data: bytes, room: int = 1024) -> bytes | int:
        """The signature, or where the room is too small its length."""
        answer = self.call(43, u64(session), byte_array(data), u32(room))
        if answer.byte():
            return answer.counted()
        return answer.u32()


def program_of(service: StandInService) -> Pkcs11Program:
    """A program that has initialized the agent."""
    program = Pkcs11Program(Agent(Slots(service, PROGRAM)))
    program.initialize()
    return program


def session_in(program: Pkcs11Program) -> int:
    """A session in its only slot."""
    (slot,) = program.slots()
    return program.open_session(slot)


def chain_of(certificates: Sequence[x509.Certificate]) -> list[bytes]:
    return [each.public_bytes(Encoding.DER) for each in certificates]
