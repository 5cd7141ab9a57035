"""What each mechanism has signed, and which are refused."""

import hashlib

import pytest

from signet_cli.pkcs11 import cryptoki as ck
from signet_cli.pkcs11.cryptoki import CryptokiError
from signet_cli.pkcs11.der import read_certificate
from signet_cli.pkcs11.mechanisms import EC_MECHANISMS, RSA_MECHANISMS, Operation, Signing
from signet_cli.pkcs11.wire import Mechanism
from tests.support.programs.pkcs11_program import ec_certificate, pss, rsa_certificate

DATA = b"what is to be signed"
DIGEST_INFOS = {
    "md5": "3020300c06082a864886f70d020505000410",
    "sha1": "3021300906052b0e03021a05000414",
    "sha224": "302d300d06096086480165030402040500041c",
    "sha256": "3031300d060960864801650304020105000420",
    "sha384": "3041300d060960864801650304020205000430",
    "sha512": "3051300d060960864801650304020305000440",
}
RSA = read_certificate(rsa_certificate().der).public_key
EC = read_certificate(ec_certificate().der).public_key


def digest_info(name: str) -> bytes:
    return bytes.fromhex(DIGEST_INFOS[name]) + hashlib.new(name, DATA).digest()


def signing(key: object, mechanism: int, data: bytes, parameter: bytes | None = None) -> Signing:
    operation = Operation(Mechanism(mechanism, parameter), key)
    operation.feed(data)
    return operation.finish()


def refusal(key: object, mechanism: int, data: bytes, parameter: bytes | None = None) -> CryptokiError:
    with pytest.raises(CryptokiError) as caught:
        signing(key, mechanism, data, parameter)
    return caught.value


@pytest.mark.parametrize("bits", [256, 384, 512])
def test_every_way_to_ask_for_a_signature_of_one_hash_says_the_same(bits: int) -> None:
    digest = hashlib.new(f"sha{bits}", DATA).digest()
    place = (bits - 256) // 128

    pkcs1 = Signing(f"RSASSA_PKCS1_V1_5_SHA_{bits}", digest)
    assert signing(RSA, ck.CKM_RSA_PKCS, digest_info(f"sha{bits}")) == pkcs1
    assert signing(RSA, ck.CKM_SHA256_RSA_PKCS + place, DATA) == pkcs1
    probabilistic = Signing(f"RSASSA_PSS_SHA_{bits}", digest)
    assert signing(RSA, ck.CKM_RSA_PKCS_PSS, digest, pss(bits)) == probabilistic
    assert signing(RSA, ck.CKM_SHA256_RSA_PKCS_PSS + place, DATA, pss(bits)) == probabilistic
    elliptic = Signing(f"ECDSA_SHA_{bits}", digest)
    assert signing(EC, ck.CKM_ECDSA, digest) == elliptic
    assert signing(EC, ck.CKM_ECDSA_SHA256 + place, DATA) == elliptic


@pytest.mark.parametrize(("name", "told"), [("sha1", "SHA-1"), ("md5", "MD5"), ("sha224", "SHA-224")])
def test_a_weak_digest_is_refused_by_its_name(name: str, told: str) -> None:
    error = refusal(RSA, ck.CKM_RSA_PKCS, digest_info(name))

    assert (error.rv, told in error.text) == (ck.CKR_DATA_INVALID, True)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"raw bytes that are no DigestInfo",
        hashlib.sha256(DATA).digest(),
        digest_info("sha256")[:-1],
        digest_info("sha256") + b"\0",
    ],
)
def test_raw_bytes_that_are_no_digest_info_are_refused(raw: bytes) -> None:
    assert refusal(RSA, ck.CKM_RSA_PKCS, raw).rv == ck.CKR_DATA_INVALID


@pytest.mark.parametrize("length", [0, 20, 28, 31, 33, 65])
def test_a_digest_of_a_hash_that_is_not_signed_is_refused(length: int) -> None:
    assert refusal(EC, ck.CKM_ECDSA, bytes(length)).rv == ck.CKR_DATA_LEN_RANGE
    assert refusal(RSA, ck.CKM_RSA_PKCS_PSS, bytes(length), pss(256)).rv == ck.CKR_DATA_LEN_RANGE


@pytest.mark.parametrize(
    "parameter",
    [
        pytest.param(None, id="none"),
        pytest.param(b"", id="empty"),
        pytest.param(pss(256)[:-1], id="too short"),
        pytest.param(pss(160), id="SHA-1"),
        pytest.param(pss(256, mask=160), id="SHA-1 for the mask"),
        pytest.param(pss(256, mask=512), id="another hash for the mask"),
        pytest.param(pss(256, salt=0), id="no salt"),
        pytest.param(pss(256, salt=20), id="a short salt"),
        pytest.param(pss(256, salt=222), id="the longest salt"),
    ],
)
def test_parameters_of_pss_that_are_not_the_services_are_refused(parameter: bytes | None) -> None:
    assert refusal(RSA, ck.CKM_RSA_PKCS_PSS, bytes(32), parameter).rv == ck.CKR_MECHANISM_PARAM_INVALID


def test_the_hash_of_a_mechanism_and_of_its_parameters_are_one() -> None:
    assert refusal(RSA, ck.CKM_SHA256_RSA_PKCS_PSS, DATA, pss(512)).rv == ck.CKR_MECHANISM_PARAM_INVALID


@pytest.mark.parametrize(
    ("key", "mechanism"),
    [
        *((RSA, each) for each in EC_MECHANISMS),
        *((EC, each) for each in RSA_MECHANISMS),
        (RSA, 0x0006),  # CKM_SHA1_RSA_PKCS
        (RSA, 0x0003),  # CKM_RSA_X_509
        (EC, 0x1042),  # CKM_ECDSA_SHA1
        (EC, 0x1057),  # CKM_EDDSA
    ],
)
def test_a_mechanism_that_does_not_fit_the_key_is_refused(key: object, mechanism: int) -> None:
    assert refusal(key, mechanism, bytes(32), pss(256)).rv == ck.CKR_MECHANISM_INVALID


def test_data_where_a_digest_belongs_is_refused_before_it_fills_the_memory() -> None:
    operation = Operation(Mechanism(ck.CKM_ECDSA), EC)
    operation.feed(bytes(1024))

    with pytest.raises(CryptokiError):
        operation.feed(b"\0")
