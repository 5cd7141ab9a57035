"""Certificates of the domain, without the X.509 behind them: `a_certificate(not_after=...)`."""

import itertools
from datetime import UTC, datetime
from typing import Any

from signet.domain.certificates.alias import Alias
from signet.domain.certificates.certificate import Certificate
from signet.domain.identifiers import new_id
from signet.domain.x509.certificate_facts import CertificateFacts

MADE = datetime(2026, 1, 1, tzinfo=UTC)
_numbers = itertools.count(1)


def a_certificate(*, not_after: datetime = datetime(2027, 1, 1, tzinfo=UTC), **settings: Any) -> Certificate:
    """An enabled certificate without a key, owned by alice; like no other in id, alias and thumbprints."""
    number = next(_numbers)
    facts = CertificateFacts(
        subject=f"CN=Example {number},O=Example Corp,C=US",
        issuer="CN=Example CA,O=Example Corp,C=US",
        common_name=f"Example {number}",
        serial_number=f"{number:016X}",
        thumbprint_sha1=f"{number:040X}",
        thumbprint_sha256=f"{number:064X}",
        key_algorithm="ECC_NIST_P256",
        spki_sha256=f"{number:064X}",
        not_before=datetime(2020, 1, 1, tzinfo=UTC),
        not_after=not_after,
    )
    given: dict[str, Any] = {
        "id": new_id("crt", MADE),
        "alias": Alias(f"example {number}"),
        "description": "",
        "owner": "local/alice",
        "enabled": True,
        "ask_for_reason": False,
        "pin_hash": None,
        "groups": (),
        "facts": facts,
        "key_version": 0,
        "created_at": MADE,
        "created_by": "local/admin",
        "updated_at": MADE,
        "version": 1,
        "last_event": new_id("evt", MADE),
    }
    return Certificate(**{**given, **settings})
