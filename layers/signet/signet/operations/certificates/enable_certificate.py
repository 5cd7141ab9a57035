"""EnableCertificate: its users may use it again."""

from signet.domain.access.principal import Principal
from signet.domain.certificates.overview import Overview
from signet.operations.certificates.set_enabled import switch
from signet.ports.clock import Clock
from signet.ports.idempotency import Once
from signet.ports.store import Records


def enable_certificate(reference: str, *, by: Principal, once: Once | None, records: Records, clock: Clock) -> Overview:
    """Enable the certificate that `reference` names; already so is no error, and no event.

    Raises:
        NotFoundError: there is none that `by` sees.
        NotAllowedError: `by` may not edit it.
    """
    return switch(reference, enabled=True, by=by, once=once, records=records, clock=clock)
