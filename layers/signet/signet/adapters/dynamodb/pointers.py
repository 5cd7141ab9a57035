"""Items whose key is what must be unique, or what is looked for, and which say whose it is."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from pynamodb.expressions.condition import Condition

from signet.adapters.dynamodb.database import Write, check, delete, put
from signet.adapters.dynamodb.tables import CertificateRow
from signet.domain.certificates.alias import Alias
from signet.domain.certificates.certificate import Certificate
from signet.domain.errors import AliasTakenError, CertificateExistsError

ISSUER = "issuer"
"""The sort key of what leads to a CA's certificate."""


def alias_key(alias: Alias) -> str:
    """The key of what makes an alias unique."""
    return f"alias#{alias.key}"


def thumbprint_key(thumbprint_sha256: str) -> str:
    """The key of what makes a certificate unique."""
    return f"thumbprint#{thumbprint_sha256}"


def pending_key(spki_sha256: str) -> str:
    """The key of what tells a pending request by its public key."""
    return f"spki#{spki_sha256}"


def renewal_key(certificate_id: str) -> str:
    """The key of what makes a renewal unique."""
    return f"renewal#{certificate_id}"


def issuer_key(digest: str) -> str:
    """The key of what leads to a CA's certificate by its name, or by its name and key."""
    return f"issuer#{digest}"


def pointer(key: str, kind: str, target: str) -> CertificateRow:
    """The item `key` of that kind, which says that it is `target`'s."""
    return CertificateRow(key, kind, target=target)


def claim_alias(alias: Alias, target: str, *, held_by: str | None = None) -> Write:
    """The alias names `target` from now on, if it is free, or held by `held_by`."""
    free = CertificateRow.pk.does_not_exist()
    row = pointer(alias_key(alias), "alias", target)
    if held_by is not None:
        # Whoever held it for this certificate holds it no more: it was handed on meanwhile, not taken.
        return put(row, free | (CertificateRow.target == held_by))
    return put(row, free, AliasTakenError("The alias is in use."))


def claim_thumbprint(certificate: Certificate, *, keyless_duplicate: str | None) -> Write:
    """Its thumbprint names it from now on, if that names nothing yet, or `keyless_duplicate`."""
    unknown = CertificateRow.pk.does_not_exist()
    if keyless_duplicate is not None:
        unknown |= CertificateRow.target == keyless_duplicate
    row = pointer(thumbprint_key(certificate.facts.thumbprint_sha256), "thumbprint", certificate.id)
    return put(row, unknown, CertificateExistsError())


def forget_thumbprint(certificate: Certificate) -> Write:
    """Its thumbprint no longer names it. Where the thumbprint names the duplicate that has the key, it stays so."""
    row = CertificateRow(thumbprint_key(certificate.facts.thumbprint_sha256), "thumbprint")
    another: Condition = CertificateRow.pk.does_not_exist() | (CertificateRow.target != certificate.id)
    return replace(delete(row, CertificateRow.target == certificate.id), otherwise=lambda: check(row, another))


def offer_as_issuer(certificate: Certificate) -> Iterator[Write]:
    """A CA's certificate is found as the issuer of others; of several with one name and key, the newest."""
    for each in certificate.facts.issuer_keys:
        yield put(CertificateRow(issuer_key(each), ISSUER, certificate_id=certificate.id))


def forget_issuer(certificate: Certificate, keys: Iterable[str]) -> Iterator[Write]:
    """It is found by `keys` no more, unless another is by now."""
    another: Condition = CertificateRow.pk.does_not_exist() | (CertificateRow.certificate_id != certificate.id)
    for each in keys:
        row = CertificateRow(issuer_key(each), ISSUER)
        yield replace(
            delete(row, CertificateRow.certificate_id == certificate.id),
            otherwise=lambda row=row: check(row, another),  # type: ignore[misc]
        )
