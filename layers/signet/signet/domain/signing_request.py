"""A key pair made here and its CSR, waiting for the CA's certificate."""

import base64
import textwrap
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from signet.domain.alias import Alias
from signet.domain.csr_order import CsrOrder
from signet.domain.pin import Pin


class RequestStatus(StrEnum):
    """How far it is."""

    PENDING = "pending"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class SigningRequest:
    """One signing request; its certificate and its key have the same id behind other prefixes."""

    id: str
    status: RequestStatus
    alias: Alias
    """Held while it is pending; of a renewal, that of the certificate to renew."""
    description: str
    owner: str | None
    groups: tuple[str, ...]
    """Those that the certificate is to go into; of a renewal, those that the renewed one was in when it began."""
    ask_for_reason: bool
    pin_hash: str | None = field(repr=False)
    renew_at_stage: int | None
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

    @property
    def csr_pem(self) -> str:
        """The CSR as text (RFC 7468, 7)."""
        lines = textwrap.wrap(base64.b64encode(self.csr).decode(), 64)
        return "\n".join(("-----BEGIN CERTIFICATE REQUEST-----", *lines, "-----END CERTIFICATE REQUEST-----", ""))

    @property
    def is_pending(self) -> bool:
        """Whether it still waits."""
        return self.status is RequestStatus.PENDING


@dataclass(frozen=True, slots=True)
class SigningRequestOrder:
    """What a new request asks for; parsed."""

    csr: CsrOrder
    alias: Alias | None = None
    description: str = ""
    owner: str | None = None
    groups: tuple[str, ...] = ()
    ask_for_reason: bool = False
    pin: Pin | None = field(default=None, repr=False)
    renew_at_stage: int | None = None
