"""What a wrapped private key belongs to, and, where somebody asks for it, whether it opens."""

from __future__ import annotations

from collections.abc import Iterator

from signet.adapters.cryptography.signing_keys import SigningKey
from signet.adapters.dynamodb.rows.certificate_rows import SETTINGS
from signet.adapters.dynamodb.rows.request_rows import REQUEST
from signet.adapters.kms.kms_key_wrapper import KmsKeyWrapper
from signet.domain.errors import BrokenWrappedKeyError, UnavailableError
from signet.domain.identifiers import with_prefix
from signet.domain.signing.wrapped_key import WrappedKey
from signet.domain.signing_requests.signing_request import RequestStatus
from tools.recovery.deployment import CannotLookError
from tools.recovery.expectations import Expectation, Found, number, text
from tools.recovery.findings import Finding, Kind
from tools.recovery.tables import BATCH, Item, Key, Tables

HERE = "PrivateKeyTable"


def private_key_rules(item: Item) -> Iterator[Expectation]:
    """A key is a certificate's that says it has one, or a signing request's that waits."""
    name = item["pk"]["S"]
    certificate, request = _owners(name)

    def belongs(found: Found) -> bool:
        waits = text(found.get(request), "status") == RequestStatus.PENDING
        return waits or number(found.get(certificate), "key_version") > 0

    detail = f"neither {certificate.pk} has a private key nor does {request.pk} wait for its certificate"
    yield Expectation(Kind.KEY_WITHOUT_CERTIFICATE, name, detail, (certificate, request), belongs)


def closed_keys(tables: Tables) -> Iterator[Finding]:
    """The wrapped keys that do not open, or are not those of their certificates.

    Each is decrypted in this process's memory and let go at once, and nothing of it is told. The key's own policy lets
    nobody but the functions that sign do so: who wants this check has to change that policy first.

    Raises:
        CannotLookError: KMS does not let whoever runs this decrypt, or does not answer.
    """
    deployment = tables.deployment
    wrapper = KmsKeyWrapper(deployment.wrapping_key, lambda: deployment.client("kms"))
    for page in tables.pages(HERE):
        for start in range(0, len(page), BATCH // 2):
            names = [item["pk"]["S"] for item in page[start : start + BATCH // 2]]
            found = tables.get(key for name in names for key in _owners(name))
            for name in names:
                yield from _closed(name, _public_key_of(name, found), tables, wrapper)


def _closed(name: str, spki_sha256: str | None, tables: Tables, wrapper: KmsKeyWrapper) -> Iterator[Finding]:
    ciphertext = tables.ciphertext(Key(HERE, name))
    if ciphertext is None:
        return
    try:
        opened = SigningKey.load(wrapper.unwrap(WrappedKey(ciphertext), of=name)).spki_sha256
    except BrokenWrappedKeyError as error:
        yield Finding(Kind.KEY_DOES_NOT_OPEN, name, str(error))
        return
    except UnavailableError as error:
        raise CannotLookError(
            f"{error} The key's own policy lets only the functions that sign decrypt (docs/operations.md)"
        ) from None
    if spki_sha256 is not None and opened != spki_sha256:
        yield Finding(Kind.WRONG_PRIVATE_KEY, name, "its public key is not the one of the certificate")


def _owners(name: str) -> tuple[Key, Key]:
    return (
        Key("CertificateTable", with_prefix("crt", name), SETTINGS),
        Key("CertificateTable", with_prefix("req", name), REQUEST),
    )


def _public_key_of(name: str, found: Found) -> str | None:
    certificate, _ = _owners(name)
    return text(found.get(certificate), "spki_sha256")
