"""EnableCertificate: its users may use it again."""

from signet.domain.overview import Overview
from signet.domain.principal import Principal
from signet.operations.ports import Clock, Once, Records
from signet.operations.switching import switch


def enable_certificate(reference: str, *, by: Principal, once: Once | None, records: Records, clock: Clock) -> Overview:
    """Enable the certificate that `reference` names; already so is no error, and no event.

    Raises:
        NotFoundError: there is none that `by` sees.
        NotAllowedError: `by` may not edit it.
    """
    return switch(reference, enabled=True, by=by, once=once, records=records, clock=clock)
