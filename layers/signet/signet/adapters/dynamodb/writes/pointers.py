"""Items whose key is what must be unique, or what is looked for, and which say whose it is."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from pynamodb.expressions.condition import Condition

from signet.adapters.dynamodb.database import Write, check, delete, put, update
from signet.adapters.dynamodb.rows.certificate_rows import thumbprint_key
from signet.adapters.dynamodb.tables import CertificateRow
from signet.domain.certificates.alias import Alias
from signet.domain.certificates.certificate import Certificate
from signet.domain.errors import AliasTakenError, CertificateExistsError

ISSUER = "issuer"
"""The sort key of what leads to a CA's certificate."""


def alias_key(alias: Alias) -> str:
    """The key of what makes an alias unique."""
    return f"alias#{alias.key}"


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
        # It no longer belongs to this certificate: in the meantime it was passed on, which is no refusal.
        return put(row, free | (CertificateRow.target == held_by))
    return put(row, free, AliasTakenError("The alias is in use."))


def claim_thumbprint(certificate: Certificate, *, keyless_duplicate: str | None) -> Write:
    """Its thumbprint names it from now on, if it names nothing yet, or only `keyless_duplicate`, which gives it up."""
    row = pointer(thumbprint_key(certificate.facts.thumbprint_sha256), "thumbprint", certificate.id)
    claimed = put(row, CertificateRow.pk.does_not_exist(), CertificateExistsError())
    if keyless_duplicate is None:
        return claimed
    taken_over = pointer(row.pk, row.sk, certificate.id)
    taken_over.keyless_duplicate = keyless_duplicate
    return replace(put(taken_over, CertificateRow.target == keyless_duplicate), otherwise=lambda: claimed)


def forget_thumbprint(certificate: Certificate) -> Write:
    """Its thumbprint no longer names it, but the keyless duplicate that it was taken over from, if there is one.

    Where it is that duplicate itself, the thumbprint goes on naming the certificate that has the key.
    """
    row = CertificateRow(thumbprint_key(certificate.facts.thumbprint_sha256), "thumbprint")
    names_it, duplicate = CertificateRow.target == certificate.id, CertificateRow.keyless_duplicate
    another: Condition = CertificateRow.pk.does_not_exist() | (
        (CertificateRow.target != certificate.id) & (duplicate.does_not_exist() | (duplicate != certificate.id))
    )
    # What holds is one of these four, and is seldom another than the first.
    return _in_turn(
        delete(row, names_it & duplicate.does_not_exist()),
        update(row, [CertificateRow.target.set(duplicate), duplicate.remove()], names_it & duplicate.exists()),
        update(row, [duplicate.remove()], duplicate == certificate.id),
        check(row, another),
    )


def _in_turn(first: Write, *others: Write) -> Write:
    """`first`, or else the first of `others` whose condition holds."""
    if not others:
        return first
    return replace(first, otherwise=lambda: _in_turn(*others))


def offer_as_issuer(certificate: Certificate) -> Iterator[Write]:
    """A CA's certificate is found as the issuer of others; of several with one name and key, the newest."""
    for each in certificate.facts.issuer_keys:
        yield put(CertificateRow(issuer_key(each), ISSUER, certificate_id=certificate.id))


def forget_issuer(certificate: Certificate, keys: Iterable[str]) -> Iterator[Write]:
    """It is no longer found by `keys`; a key that leads to another certificate by now stays."""
    another: Condition = CertificateRow.pk.does_not_exist() | (CertificateRow.certificate_id != certificate.id)
    for each in keys:
        row = CertificateRow(issuer_key(each), ISSUER)
        yield replace(
            delete(row, CertificateRow.certificate_id == certificate.id),
            otherwise=lambda row=row: check(row, another),  # type: ignore[misc]
        )
