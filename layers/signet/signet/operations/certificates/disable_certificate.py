"""DisableCertificate: nobody, its owner included, can use it until it is enabled again."""

from signet.domain.access.principal import Principal
from signet.domain.certificates.overview import Overview
from signet.operations.certificates.set_enabled import set_enabled
from signet.ports.clock import Clock
from signet.ports.idempotency import IdempotencyKey
from signet.ports.store import Records


def disable_certificate(
    reference: str, *, by: Principal, idempotency: IdempotencyKey | None, records: Records, clock: Clock
) -> Overview:
    """Disable the certificate that `reference` names; already so is no error, and no event.

    Raises:
        NotFoundError: there is none that `by` sees.
        NotAllowedError: `by` may not edit it.
    """
    return set_enabled(reference, enabled=False, by=by, idempotency=idempotency, records=records, clock=clock)
