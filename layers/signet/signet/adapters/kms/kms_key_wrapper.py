"""Private keys, encrypted and decrypted by one KMS key."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

from botocore.config import Config
from botocore.exceptions import ClientError, CredentialRetrievalError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnectionError
from botocore.session import Session

from signet.domain.errors import BrokenWrappedKeyError, KeyTooLargeError, UnavailableError
from signet.domain.signing.wrapped_key import WrappedKey

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

MAX_PLAINTEXT_BYTES = 4096
"""AWS KMS API Reference, Encrypt."""

# KMS answers in some 10 ms. Three tries of at most 3 s stay within the timeout of every function that calls it.
CLIENT_CONFIG = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 3})

UNDECRYPTABLE_CODES = frozenset({"InvalidCiphertextException", "IncorrectKeyException"})
"""KMS did not make this ciphertext, or made it for another key id or under another wrapping key."""


def new_kms_client(region: str | None = None) -> "KMSClient":
    """A KMS client that gives up soon; `region` as the environment says unless given.

    Of botocore itself: importing boto3 costs a cold start 25 ms and adds nothing to it here.
    """
    return Session().create_client("kms", region_name=region, config=CLIENT_CONFIG)  # type: ignore[return-value]


class KmsKeyWrapper:
    """Wraps private keys with KMS `Encrypt` and unwraps them with `Decrypt`.

    The key id is the encryption context, which KMS authenticates: a wrapped key moved to another record does not open.
    """

    def __init__(self, wrapping_key_id: str, new_client: Callable[[], "KMSClient"] = new_kms_client) -> None:
        self._wrapping_key_id = wrapping_key_id
        self._new_client = new_client
        self._client: KMSClient | None = None
        self._building = Lock()

    def wrap(self, private_key: bytes, *, of: str) -> WrappedKey:
        """Wrap `private_key`, PKCS#8 DER of at most 4096 bytes, for the key id `of`.

        Raises:
            KeyTooLargeError: `private_key` exceeds the limit.
            UnavailableError: KMS does not answer, or not now.
        """
        if len(private_key) > MAX_PLAINTEXT_BYTES:
            raise KeyTooLargeError(
                f"A private key has at most {MAX_PLAINTEXT_BYTES} bytes; this one {len(private_key)}."
            )
        with _kms_failures(of):
            answer = self._kms().encrypt(
                KeyId=self._wrapping_key_id, Plaintext=private_key, EncryptionContext=_encryption_context(of)
            )
        return WrappedKey(answer["CiphertextBlob"])

    def unwrap(self, wrapped: WrappedKey, *, of: str) -> bytes:
        """The PKCS#8 DER that was wrapped for the key id `of`.

        Raises:
            BrokenWrappedKeyError: `wrapped` was not wrapped for `of` with the wrapping key.
            UnavailableError: KMS does not answer, or not now.
        """
        with _kms_failures(of):
            answer = self._kms().decrypt(
                KeyId=self._wrapping_key_id,
                CiphertextBlob=wrapped.ciphertext,
                EncryptionContext=_encryption_context(of),
            )
        return answer["Plaintext"]

    def connect(self) -> None:
        """Build the client now, while a Lambda initialises and its CPU is not billed to a caller's wait."""
        self._kms()

    def _kms(self) -> "KMSClient":
        with self._building:
            if self._client is None:
                self._client = self._new_client()
            return self._client


def _encryption_context(key_id: str) -> dict[str, str]:
    # `purpose` is what the sign function's policy conditions kms:Decrypt on.
    return {"key_id": key_id, "purpose": "signing"}


@contextmanager
def _kms_failures(key_id: str) -> Iterator[None]:
    """Tell a broken ciphertext from faults that pass or can be repaired: overload, a disabled key, a missing right."""
    try:
        yield
    except ClientError as error:
        code = error.response["Error"].get("Code", "")
        if code in UNDECRYPTABLE_CODES:
            raise BrokenWrappedKeyError(f"The wrapped key stored as {key_id} does not open: {code}.") from error
        raise UnavailableError(f"KMS: {code}.") from error
    except (HTTPClientError, NoConnectionError, CredentialRetrievalError) as error:
        raise UnavailableError(f"KMS does not answer: {type(error).__name__}.") from error
