"""A renewal from its request to its import, and the alias that the renewed one is left with."""

from __future__ import annotations

from typing import Any

from tests.support.certificates.certification_authority import CertificationAuthority
from tests.support.services.actions import complete, renew
from tests.support.services.over_http import Client


def retired(certificate: dict[str, Any]) -> str:
    """The alias that a renewed certificate has."""
    return f"{certificate['alias']} (until {certificate['valid_to'][:10]})"


def renewed(by: Client, ca: CertificationAuthority, certificate: str, **fields: Any) -> dict[str, Any]:
    """The certificate that takes the place of another."""
    return complete(by, ca, renew(by, certificate), **fields)
