"""Certificates as rows of CertificateTable, and back."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from signet.adapters.dynamodb.rows.setting_columns import settings_columns, settings_from
from signet.adapters.dynamodb.tables import CertificateRow
from signet.domain.certificates.alias import folded
from signet.domain.certificates.certificate import Certificate, Usage, X509Body
from signet.domain.certificates.listed_certificate import ListedCertificate, text_for_lists
from signet.domain.moments import parse_rfc3339, rfc3339, rfc3339_micros
from signet.domain.x509.certificate_facts import CertificateFacts

SETTINGS = "certificate"
X509 = "x509"
USAGE = "usage"

ALL_CERTIFICATES = "certificates"
"""The listing that every certificate is in."""

WATCHED = "watched"
"""Partition of the `due` index."""

LOOKUP = "found#"
"""How the sort keys of items begin by which certificates are found."""

NO_OWNER = "-"
"""`owner_sort` of a certificate without an owner; no user has such a name."""


def owned_by(user: str) -> str:
    """The listing of what `user` owns."""
    return f"owner#{user}"


def in_group(group: str) -> str:
    """The listing of what is in `group`."""
    return f"group#{group}"


def listings_of(certificate: Certificate) -> frozenset[str]:
    """The listings that `certificate` is in, other than the listing of all."""
    owner = {owned_by(certificate.owner)} if certificate.owner else set()
    return frozenset(owner | {in_group(group) for group in certificate.groups})


def valid_to_sort(moment: datetime, certificate_id: str) -> str:
    """Sorts certificates by their end, and those of one second by id."""
    return f"{rfc3339(moment)}#{certificate_id}"


def sorts_of(certificate: Certificate) -> dict[str, Any]:
    """What lists sort and filter by: the same on the settings and on each listing entry."""
    return {
        "id": certificate.id,
        "alias_sort": certificate.alias.key,
        "valid_to_sort": valid_to_sort(certificate.facts.not_after, certificate.id),
        "valid_from_sort": rfc3339(certificate.facts.not_before),
        "status": certificate.status.value,
        "owner_sort": certificate.owner or NO_OWNER,
        "renewal_state": "pending" if certificate.pending_request else None,
        "serial_number": certificate.facts.serial_number,
        "subject": text_for_lists(certificate.facts.subject),
        "issuer": text_for_lists(certificate.facts.issuer),
        # Whose it is to see and to use.
        "groups": list(certificate.groups),
        "renewed_ids": list(certificate.renewed_ids),
        "key_version": certificate.key_version,
    }


def listed_of(item: Mapping[str, Any]) -> ListedCertificate:
    """What an entry tells of its certificate; `item` is as DynamoDB types it, since an answer may hold thousands."""
    owner, sort_key = item["owner_sort"]["S"], item["sk"]["S"]
    return ListedCertificate(
        # A key of the table is in every index, and `id` is not.
        id=sort_key.removeprefix(LOOKUP) if sort_key.startswith(LOOKUP) else item["pk"]["S"],
        alias_key=item["alias_sort"]["S"],
        owner=None if owner == NO_OWNER else owner,
        groups=tuple(group["S"] for group in item["groups"]["L"]),
        renewed_ids=tuple(each["S"] for each in item["renewed_ids"]["L"]),
        enabled=item["status"]["S"] == "enabled",
        has_private_key=item["key_version"]["N"] != "0",
        not_before=parse_rfc3339(item["valid_from_sort"]["S"]),
        not_after=parse_rfc3339(item["valid_to_sort"]["S"].partition("#")[0]),
        renewal_pending="renewal_state" in item,
        serial_number=item["serial_number"]["S"],
        subject=_folded_in(item, "subject"),
        issuer=_folded_in(item, "issuer"),
    )


def _folded_in(item: Mapping[str, Any], name: str) -> str | None:
    return folded(item[name]["S"]) if name in item else None


def settings_row(certificate: Certificate) -> CertificateRow:
    """The row of its settings."""
    facts = certificate.facts
    # A certificate that was renewed, or whose end was announced, is not watched: the check never reads it again.
    watched = certificate.renewed_by is None and certificate.flagged_stage != 0
    return CertificateRow(
        certificate.id,
        SETTINGS,
        # Names of any length: it is one item, and each signature pays for its size.
        **{**sorts_of(certificate), "subject": facts.subject, "issuer": facts.issuer, **settings_columns(certificate)},
        listing=ALL_CERTIFICATES,
        expiry_watch=WATCHED if watched else None,
        created_at=rfc3339_micros(certificate.created_at),
        created_by=certificate.created_by,
        updated_at=rfc3339_micros(certificate.updated_at),
        version=certificate.version,
        last_event=certificate.last_event,
        renews=certificate.renews,
        renewed_by=certificate.renewed_by,
        pending_request=certificate.pending_request,
        flagged_stage=certificate.flagged_stage,
        flagged_at=_text(certificate.flagged_at),
        common_name=facts.common_name,
        thumbprint_sha1=facts.thumbprint_sha1,
        thumbprint_sha256=facts.thumbprint_sha256,
        key_algorithm=facts.key_algorithm,
        spki_sha256=facts.spki_sha256,
        not_before=rfc3339(facts.not_before),
        not_after=rfc3339(facts.not_after),
        issuer_keys=list(facts.issuer_keys) or None,
    )


def certificate_of(row: CertificateRow) -> Certificate:
    """The certificate that a settings row is of."""
    return Certificate(
        id=row.pk,
        enabled=row.status == "enabled",
        facts=CertificateFacts(
            subject=row.subject or "",
            issuer=row.issuer or "",
            common_name=row.common_name,
            serial_number=_set(row.serial_number),
            thumbprint_sha1=_set(row.thumbprint_sha1),
            thumbprint_sha256=_set(row.thumbprint_sha256),
            key_algorithm=_set(row.key_algorithm),
            spki_sha256=_set(row.spki_sha256),
            not_before=parse_rfc3339(_set(row.not_before)),
            not_after=parse_rfc3339(_set(row.not_after)),
            issuer_keys=tuple(row.issuer_keys or ()),
        ),
        key_version=int(row.key_version or 0),
        created_at=parse_rfc3339(_set(row.created_at)),
        created_by=_set(row.created_by),
        updated_at=parse_rfc3339(_set(row.updated_at)),
        version=int(row.version or 0),
        last_event=_set(row.last_event),
        renewed_ids=tuple(row.renewed_ids or ()),
        renews=row.renews,
        renewed_by=row.renewed_by,
        pending_request=row.pending_request,
        flagged_stage=_whole(row.flagged_stage),
        flagged_at=_moment(row.flagged_at),
        **settings_from(lambda name: getattr(row, name)),
    )


def listing_rows(certificate: Certificate) -> Iterator[CertificateRow]:
    """Its entries in the listings it is in, other than the listing of all."""
    for listing in sorted(listings_of(certificate)):
        yield CertificateRow(certificate.id, listing_key(listing), listing=listing, **sorts_of(certificate))


def lookup_rows(certificate: Certificate) -> Iterator[CertificateRow]:
    """The items by whose keys it is found: of its thumbprints and its serial number, which others may share.

    In no index, since there are few of one key: they are read from the table itself.
    """
    for key in sorted(lookup_keys(certificate)):
        yield CertificateRow(key, lookup_sort(certificate.id), **sorts_of(certificate))


def lookup_keys(certificate: Certificate) -> frozenset[str]:
    """The partitions in which `certificate` is found."""
    facts = certificate.facts
    return frozenset(
        {
            thumbprint_key(facts.thumbprint_sha1),
            thumbprint_key(facts.thumbprint_sha256),
            serial_number_key(facts.serial_number),
        }
    )


def lookup_sort(certificate_id: str) -> str:
    """The sort key of an item by which a certificate is found."""
    return f"{LOOKUP}{certificate_id}"


def thumbprint_key(thumbprint: str) -> str:
    """The partition of a thumbprint, SHA-1 or SHA-256; of a SHA-256 it also holds what makes a certificate unique."""
    return f"thumbprint#{thumbprint}"


def serial_number_key(serial_number: str) -> str:
    """The partition of a serial number."""
    return f"serial#{serial_number}"


def listing_key(listing: str) -> str:
    """The sort key of an entry in `listing`."""
    return f"listing#{listing}"


def usage_row(certificate_id: str, usage: Usage) -> CertificateRow:
    """The row of its counters."""
    return CertificateRow(
        certificate_id,
        USAGE,
        usage_count=usage.count,
        last_used_at=_text(usage.last_used_at),
        last_event=usage.last_event or None,
        pin_failures=usage.pin_failures,
        pin_locked_until=_text(usage.pin_locked_until),
    )


def usage_of(row: CertificateRow | None) -> Usage:
    """The counters that a usage row holds."""
    if row is None:
        return Usage()
    return Usage(
        count=int(row.usage_count or 0),
        last_used_at=_moment(row.last_used_at),
        last_event=row.last_event or "",
        pin_failures=int(row.pin_failures or 0),
        pin_locked_until=_moment(row.pin_locked_until),
    )


def x509_row(certificate_id: str, body: X509Body) -> CertificateRow:
    """The row of the X.509 itself."""
    return CertificateRow(certificate_id, X509, x509=b"".join((body.certificate, *body.chain)))


def x509_of(row: CertificateRow) -> X509Body:
    """The X.509 that a row holds."""
    certificate, *chain = _ders(row.x509 or b"")
    return X509Body(certificate, tuple(chain))


def _ders(joined: bytes) -> Iterator[bytes]:
    """Take apart DER values that stand one behind the other."""
    # Only who needs the X.509 itself needs the reader, and signing does not.
    from signet.domain.asn1.reader import parse_first

    start = 0
    while start < len(joined):
        found, start = parse_first(joined, start)
        yield found.encoded


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339_micros(moment)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else parse_rfc3339(text)


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)


def _set(value: str | None) -> str:
    if value is None:
        raise ValueError("a settings row lacks an attribute that every certificate has")
    return value
