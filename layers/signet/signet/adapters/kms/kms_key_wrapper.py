"""Private keys, encrypted and decrypted by one KMS key."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from botocore.config import Config
from botocore.exceptions import ClientError, CredentialRetrievalError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnectionError

from signet.adapters.aws_clients import AwsClients
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


def kms_client(clients: AwsClients) -> "KMSClient":
    """The KMS client among `clients`; it gives up soon."""
    client: KMSClient = clients.client("kms", CLIENT_CONFIG)
    return client


class KmsKeyWrapper:
    """Wraps private keys with KMS `Encrypt` and unwraps them with `Decrypt`.

    The key id is the encryption context, which KMS authenticates: a wrapped key moved to another record does not open.
    """

    def __init__(self, wrapping_key_id: str, client: Callable[[], "KMSClient"]) -> None:
        self._wrapping_key_id = wrapping_key_id
        self._client = client

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
            answer = self._client().encrypt(
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
            answer = self._client().decrypt(
                KeyId=self._wrapping_key_id,
                CiphertextBlob=wrapped.ciphertext,
                EncryptionContext=_encryption_context(of),
            )
        return answer["Plaintext"]

    def connect(self) -> Self:
        """Itself, with its client made now and not at the first call."""
        self._client()
        return self


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
