"""A wrapped key opens for the key id it was made for, and for no other."""

import socket
from collections.abc import Iterator
from functools import partial
from typing import Any

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import NoCredentialsError, ReadTimeoutError
from botocore.stub import Stubber
from moto import mock_aws

from signet.adapters.aws_clients import AwsClients
from signet.adapters.kms.kms_key_wrapper import CLIENT_CONFIG, KmsKeyWrapper, kms_client
from signet.domain.errors import BrokenWrappedKeyError, KeyTooLargeError, UnavailableError
from signet.domain.signing.wrapped_key import WrappedKey

SECRET = b"\x30\x82 not really a PKCS#8 key, and yet as secret"


@pytest.fixture(autouse=True)
def aws_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)


@pytest.fixture
def wrapper() -> Iterator[KmsKeyWrapper]:
    with mock_aws():
        client = kms_client(AwsClients())
        yield KmsKeyWrapper(client.create_key()["KeyMetadata"]["KeyId"], lambda: client)


def test_what_was_wrapped_unwraps(wrapper: KmsKeyWrapper) -> None:
    assert wrapper.unwrap(wrapper.wrap(SECRET, of="key_1"), of="key_1") == SECRET


def test_the_wrapped_key_does_not_contain_the_key(wrapper: KmsKeyWrapper) -> None:
    assert SECRET not in wrapper.wrap(SECRET, of="key_1").ciphertext


def test_a_wrapped_key_moved_to_another_record_does_not_open(wrapper: KmsKeyWrapper) -> None:
    wrapped = wrapper.wrap(SECRET, of="key_1")

    with pytest.raises(BrokenWrappedKeyError, match="key_2"):
        wrapper.unwrap(wrapped, of="key_2")


@pytest.mark.parametrize(
    "context", [{}, {"key_id": "key_1"}, {"key_id": "key_1", "purpose": "reading"}, {"purpose": "signing"}]
)
def test_a_key_wrapped_with_another_context_does_not_open(wrapper: KmsKeyWrapper, context: dict[str, str]) -> None:
    kms = kms_client(AwsClients())
    key_id = kms.list_keys()["Keys"][0]["KeyId"]
    blob = kms.encrypt(KeyId=key_id, Plaintext=SECRET, EncryptionContext=context)["CiphertextBlob"]

    with pytest.raises(BrokenWrappedKeyError):
        wrapper.unwrap(WrappedKey(blob), of="key_1")


def test_the_encryption_context_names_the_key_and_the_purpose(wrapper: KmsKeyWrapper) -> None:
    wrapped = wrapper.wrap(SECRET, of="key_1")

    answer = kms_client(AwsClients()).decrypt(
        CiphertextBlob=wrapped.ciphertext, EncryptionContext={"key_id": "key_1", "purpose": "signing"}
    )
    assert answer["Plaintext"] == SECRET


def test_a_damaged_wrapped_key_does_not_open(wrapper: KmsKeyWrapper) -> None:
    damaged = bytearray(wrapper.wrap(SECRET, of="key_1").ciphertext)
    damaged[-1] ^= 1

    with pytest.raises(BrokenWrappedKeyError):
        wrapper.unwrap(WrappedKey(bytes(damaged)), of="key_1")


def test_4096_bytes_are_the_most(wrapper: KmsKeyWrapper) -> None:
    assert wrapper.unwrap(wrapper.wrap(b"x" * 4096, of="key_1"), of="key_1") == b"x" * 4096
    with pytest.raises(KeyTooLargeError, match="4097"):
        wrapper.wrap(b"x" * 4097, of="key_1")


def test_neither_the_wrapped_key_nor_the_wrapper_shows_anything(wrapper: KmsKeyWrapper) -> None:
    wrapped = wrapper.wrap(SECRET, of="key_1")

    assert repr(wrapped) == str(wrapped) == "WrappedKey()"
    assert "not really" not in repr(vars(wrapper))


def answering(code: str, status: int = 400) -> KmsKeyWrapper:
    """A wrapper whose KMS refuses everything with `code`."""
    client = botocore.session.Session().create_client("kms", config=Config(retries={"total_max_attempts": 1}))
    stubber = Stubber(client)
    for method in ("encrypt", "decrypt"):
        stubber.add_client_error(method, service_error_code=code, http_status_code=status)
    stubber.activate()
    return KmsKeyWrapper("wrapping-key", lambda: client)  # type: ignore[arg-type,return-value]


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ThrottlingException", 400),
        ("LimitExceededException", 400),
        ("KMSInternalException", 500),
        ("DependencyTimeoutException", 503),
        ("KeyUnavailableException", 500),
        ("KMSInvalidStateException", 400),
        ("DisabledException", 409),
        ("AccessDeniedException", 400),
        ("NotFoundException", 400),
        ("InternalFailure", 500),
        ("ServiceUnavailable", 503),
        ("502", 502),
    ],
)
def test_a_kms_that_cannot_now_is_unavailable(code: str, status: int) -> None:
    with pytest.raises(UnavailableError, match=code):
        answering(code, status).wrap(SECRET, of="key_1")


@pytest.mark.parametrize("code", ["InvalidCiphertextException", "IncorrectKeyException"])
def test_what_another_context_or_another_wrapping_key_wrapped_does_not_open(code: str) -> None:
    client = botocore.session.Session().create_client("kms")
    stubber = Stubber(client)
    stubber.add_client_error("decrypt", service_error_code=code)
    stubber.activate()
    with pytest.raises(BrokenWrappedKeyError, match=f"key_1 does not open: {code}"):
        KmsKeyWrapper("wrapping-key", lambda: client).unwrap(WrappedKey(b"x"), of="key_1")  # type: ignore[arg-type,return-value]


def test_a_timeout_is_unavailable() -> None:
    client = botocore.session.Session().create_client("kms")

    def time_out(**_: object) -> None:
        raise ReadTimeoutError(endpoint_url="https://kms", error=None)

    client.meta.events.register("before-send.kms", time_out)
    with pytest.raises(UnavailableError, match="ReadTimeoutError"):
        KmsKeyWrapper("wrapping-key", lambda: client).unwrap(WrappedKey(b"x"), of="key_1")  # type: ignore[arg-type,return-value]


def test_a_refused_connection_is_unavailable() -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        client = botocore.session.Session().create_client(
            "kms",
            endpoint_url=f"http://127.0.0.1:{reserved.getsockname()[1]}",
            config=CLIENT_CONFIG.merge(Config(retries={"total_max_attempts": 1})),
        )
        with pytest.raises(UnavailableError, match="EndpointConnectionError"):
            KmsKeyWrapper("wrapping-key", lambda: client).wrap(SECRET, of="key_1")  # type: ignore[arg-type,return-value]


def test_missing_credentials_are_our_own_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    with pytest.raises(NoCredentialsError):
        KmsKeyWrapper("wrapping-key", partial(kms_client, AwsClients())).wrap(SECRET, of="key_1")


def test_the_client_gives_up_within_the_timeout_of_a_function() -> None:
    config = kms_client(AwsClients()).meta.config
    tries = config.retries["total_max_attempts"]  # type: ignore[attr-defined]
    assert tries * (config.connect_timeout + config.read_timeout) <= 9  # type: ignore[attr-defined]


def test_the_client_is_asked_for_at_the_first_call_or_ahead_of_it() -> None:
    with mock_aws():
        clients, asked = AwsClients(), []
        key_id = kms_client(clients).create_key()["KeyMetadata"]["KeyId"]

        def client() -> Any:
            asked.append(1)
            return kms_client(clients)

        wrapper = KmsKeyWrapper(key_id, client)
        assert asked == []
        wrapper.connect()
        assert asked == [1]
        assert wrapper.unwrap(wrapper.wrap(SECRET, of="key_1"), of="key_1") == SECRET
