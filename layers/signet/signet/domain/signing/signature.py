"""What signing makes."""

from dataclasses import dataclass
from datetime import datetime

from signet.domain.certificates.certificate import Certificate


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature and the record of its making."""

    signature: bytes | None
    """None for a dry run, which makes none."""
    signing_algorithm: str
    certificate: Certificate
    used_at: datetime
    event_id: str | None
