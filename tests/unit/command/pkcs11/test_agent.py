"""The agent as a program calls it: tokens, searches, signatures, and what becomes of each mistake."""

import hashlib

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from signet_cli.pkcs11 import cryptoki as ck
from signet_cli.pkcs11.service import OutOfReachError, ServiceError, SignCommand
from tests.support.certificates.issued import authority, issue
from tests.support.programs.pkcs11_program import (
    Pkcs11Program,
    StandInService,
    byte_array,
    chain_of,
    ec_certificate,
    program_of,
    pss,
    rsa_certificate,
    session_in,
    u32,
    u64,
)
from tests.unit.command.pkcs11.called_wrongly import DATA, refused

pytestmark = pytest.mark.usefixtures("nobody_to_ask")


def attribute(program: Pkcs11Program, session: int, handle: int, kind: int) -> tuple[bytes | None, int]:
    answer = program.call(24, u64(session), u64(handle), u32(1) + u32(kind) + u32(4096))
    assert (answer.u32(), answer.u32()) == (1, kind)
    if not answer.byte():
        return None, answer.ulong()
    answer.u32()
    return answer.counted(), answer.ulong()


def test_each_certificate_is_a_token_of_its_own(service: StandInService) -> None:
    service.certificates = {"release": rsa_certificate(), "nightly": ec_certificate()}
    program = program_of(service)

    labels = []
    for slot in program.slots():
        answer = program.call(6, u64(slot))
        labels.append(answer.counted().rstrip())
    assert labels == [b"release", b"nightly"]


def test_a_key_that_no_program_can_use_is_no_token(service: StandInService) -> None:
    service.certificates = {"modern": issue(algorithm="ED25519")}

    assert program_of(service).slots() == []


def test_a_slot_keeps_its_number_when_another_certificate_is_gone(service: StandInService) -> None:
    service.certificates = {"release": rsa_certificate(), "nightly": ec_certificate()}
    program = program_of(service)
    assert program.slots() == [0, 1]

    del service.certificates["release"]

    assert program.slots() == [1]
    assert refused(program, 6, u64(0)) == ck.CKR_TOKEN_NOT_PRESENT
    assert refused(program, 6, u64(7)) == ck.CKR_SLOT_ID_INVALID


def test_the_objects_of_a_token_are_certificate_keys_and_path(service: StandInService) -> None:
    issuer = issue("Issuing CA", ca=True)
    issued = issue("below it", issuer=issuer)
    object.__setattr__(issued, "chain", (issuer.certificate, authority().certificate))
    service.certificates = {"release": issued}
    program = program_of(service)
    session = session_in(program)

    certificates = program.find(session, (ck.CKA_CLASS, ck.CKO_CERTIFICATE))
    values = [attribute(program, session, each, ck.CKA_VALUE)[0] for each in certificates]

    assert values == [issued.der, *chain_of(issued.chain)]
    assert len(program.find(session)) == 5
    own = program.find(session, (ck.CKA_ID, hashlib.sha1(_spki(issued.der)).digest()))
    assert len(own) == 3


def _spki(der: bytes) -> bytes:
    from signet_cli.pkcs11.der import read_certificate

    return read_certificate(der).spki


def test_the_path_is_asked_for_once(service: StandInService, program: Pkcs11Program) -> None:
    session = session_in(program)
    for _ in range(3):
        program.find(session)
        program.slots()

    assert service.paths_read == 1


def test_no_secret_of_a_key_is_shown_and_what_is_unknown_is_said_to_be(program: Pkcs11Program) -> None:
    session = session_in(program)
    key = program.private_key(session)

    assert attribute(program, session, key, ck.CKA_PRIVATE_EXPONENT) == (None, ck.CKR_ATTRIBUTE_SENSITIVE)
    assert attribute(program, session, key, ck.CKA_EC_POINT) == (None, ck.CKR_ATTRIBUTE_TYPE_INVALID)
    assert attribute(program, session, key, ck.CKA_LABEL) == (b"release", ck.CKR_OK)


def test_a_signature_is_good_and_counts_once(service: StandInService, program: Pkcs11Program) -> None:
    session = session_in(program)

    program.begin(session, program.private_key(session), ck.CKM_SHA256_RSA_PKCS)
    signature = program.sign(session, DATA)

    assert isinstance(signature, bytes)
    rsa_certificate().key.public_key().verify(signature, DATA, padding.PKCS1v15(), hashes.SHA256())
    assert service.signatures == 1
    assert (service.received[0].process, service.received[0].command_line) == ("openssl", "openssl dgst -sign")


def test_to_ask_for_the_length_costs_no_signature(service: StandInService, program: Pkcs11Program) -> None:
    session = session_in(program)
    program.begin(session, program.private_key(session), ck.CKM_RSA_PKCS_PSS, pss(256))

    digest = hashlib.sha256(DATA).digest()
    assert [program.sign(session, digest, room) for room in (0, 0xFFFFFFFF, 255)] == [256, 256, 256]
    assert service.signatures == 0

    signature = program.sign(session, digest, 256)
    assert isinstance(signature, bytes)
    scheme = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    rsa_certificate().key.public_key().verify(signature, DATA, scheme, hashes.SHA256())
    assert service.signatures == 1


def test_data_that_comes_in_parts_is_signed_as_one(service: StandInService) -> None:
    service.certificates = {"release": ec_certificate()}
    program = program_of(service)
    session = session_in(program)

    program.begin(session, program.private_key(session), ck.CKM_ECDSA_SHA384)
    for letter in DATA:
        program.call(44, u64(session), byte_array(bytes((letter,))))
    assert refused(program, 43, u64(session), byte_array(DATA), u32(64)) == ck.CKR_OPERATION_ACTIVE
    answer = program.call(45, u64(session), u32(64))

    assert answer.byte() == 1
    signature = answer.counted()
    numbers = (int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
    ec_certificate().key.public_key().verify(encode_dss_signature(*numbers), DATA, ec.ECDSA(hashes.SHA384()))


def test_a_refused_signature_ends_the_operation(service: StandInService, program: Pkcs11Program) -> None:
    session = session_in(program)
    program.begin(session, program.private_key(session), ck.CKM_RSA_PKCS)

    assert refused(program, 43, u64(session), byte_array(b"no digest"), u32(256)) == ck.CKR_DATA_INVALID
    assert refused(program, 43, u64(session), byte_array(b"no digest"), u32(256)) == ck.CKR_OPERATION_NOT_INITIALIZED
    assert not service.received


def test_an_operation_can_be_cancelled_and_none_begins_within_another(program: Pkcs11Program) -> None:
    session = session_in(program)
    key = program.private_key(session)
    program.begin(session, key, ck.CKM_RSA_PKCS)

    again = (u64(session), u32(ck.CKM_RSA_PKCS), u64(key))
    assert refused(program, 42, *again) == ck.CKR_OPERATION_ACTIVE
    program.call(42, u64(session), u32(0xFFFFFFFF), u64(key))
    program.begin(session, key, ck.CKM_RSA_PKCS)


def test_what_is_no_private_key_does_not_sign(program: Pkcs11Program) -> None:
    session = session_in(program)
    certificate, *_ = program.find(session, (ck.CKA_CLASS, ck.CKO_CERTIFICATE))

    for handle in (certificate, 0, 99):
        asked = (u64(session), u32(ck.CKM_RSA_PKCS), u64(handle))
        assert refused(program, 42, *asked) == ck.CKR_KEY_HANDLE_INVALID


def test_a_certificate_that_went_in_mid_session_does_not_sign(service: StandInService, program: Pkcs11Program) -> None:
    session = session_in(program)
    program.begin(session, program.private_key(session), ck.CKM_SHA256_RSA_PKCS)
    service.certificates.clear()

    assert refused(program, 43, u64(session), byte_array(DATA), u32(256)) == ck.CKR_KEY_HANDLE_INVALID


class RefusingService(StandInService):
    """Refuses every signature in one way."""

    error: Exception

    def sign(self, command: SignCommand) -> bytes:
        raise self.error


@pytest.mark.parametrize(
    ("error", "rv"),
    [
        (ServiceError(403, "certificate_disabled", "It is disabled."), ck.CKR_KEY_FUNCTION_NOT_PERMITTED),
        (ServiceError(403, "not_allowed_by_policy", "No policy."), ck.CKR_KEY_FUNCTION_NOT_PERMITTED),
        (ServiceError(429, "pin_locked", "Locked."), ck.CKR_PIN_LOCKED),
        (ServiceError(404, "not_found", "There is none."), ck.CKR_KEY_HANDLE_INVALID),
        (ServiceError(500, "", "Broken."), ck.CKR_FUNCTION_FAILED),
        (OutOfReachError("It cannot be reached."), ck.CKR_DEVICE_ERROR),
        (RuntimeError("a fault of our own"), ck.CKR_GENERAL_ERROR),
    ],
)
def test_each_refusal_has_its_return_value_and_is_told(
    error: Exception, rv: int, capsys: pytest.CaptureFixture[str]
) -> None:
    service = RefusingService({"release": rsa_certificate()})
    service.error = error
    program = program_of(service)
    session = session_in(program)
    program.begin(session, program.private_key(session), ck.CKM_SHA256_RSA_PKCS)

    assert refused(program, 43, u64(session), byte_array(DATA), u32(256)) == rv
    assert "signet-pkcs11: " in capsys.readouterr().err


def test_bytes_that_are_no_signature_are_not_handed_on() -> None:
    class BrokenService(StandInService):
        def sign(self, command: SignCommand) -> bytes:
            return b"short"

    for issued in (rsa_certificate(), ec_certificate()):
        program = program_of(BrokenService({"release": issued}))
        session = session_in(program)
        kind = ck.CKM_SHA256_RSA_PKCS if issued is rsa_certificate() else ck.CKM_ECDSA_SHA256
        program.begin(session, program.private_key(session), kind)
        assert refused(program, 43, u64(session), byte_array(DATA), u32(256)) == ck.CKR_DEVICE_ERROR
