"""A key pair made here and its CSR, waiting for the CA's certificate."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from signet.domain.certificates.certificate_settings import CertificateSettings, CertificateUpdate

if TYPE_CHECKING:
    # Types alone: what orders and alters names is not needed to show a request, or to sign.
    from signet.domain.certificates.certificate import Certificate
    from signet.domain.signing_requests.csr_command import CsrCommand


class RequestStatus(StrEnum):
    """How far it is."""

    PENDING = "pending"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningRequest(CertificateSettings):
    """One signing request; its certificate and its key have the same id behind other prefixes.

    Its settings are those that the certificate is to have; of a renewal, those of the certificate that it renews.
    """

    id: str
    status: RequestStatus
    subject: str
    """RFC 4514 text."""
    key_algorithm: str
    spki_sha256: str
    csr: bytes = field(repr=False)
    """DER (RFC 2986)."""
    renews: str | None
    """Id of the certificate it would renew."""
    created_at: datetime
    created_by: str
    updated_at: datetime
    version: int
    last_event: str
    certificate_id: str | None = None
    """Once completed."""
    warnings: tuple[str, ...] = ()
    """Of a renewal: what of the old certificate could not be read, and is not asked for."""

    @property
    def csr_pem(self) -> str:
        """The CSR as text (RFC 7468, 7)."""
        text = base64.b64encode(self.csr).decode()
        lines = [text[start : start + 64] for start in range(0, len(text), 64)]
        return "\n".join(("-----BEGIN CERTIFICATE REQUEST-----", *lines, "-----END CERTIFICATE REQUEST-----", ""))

    @property
    def is_pending(self) -> bool:
        """Whether it still waits."""
        return self.status is RequestStatus.PENDING

    def renewing(self, certificate: Certificate | None) -> SigningRequest:
        """As it is now that the certificate it would renew is as it is: what waits has the settings of that one."""
        if certificate is None or not self.is_pending:
            return self
        return replace(self, **certificate.settings)


@dataclass(frozen=True, slots=True)
class SigningRequestCommand:
    """What a new request asks for; parsed."""

    csr: CsrCommand
    settings: CertificateUpdate = field(default_factory=CertificateUpdate)
    groups: tuple[str, ...] = ()
