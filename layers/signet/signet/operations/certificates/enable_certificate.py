"""EnableCertificate: its users may use it again."""

from signet.domain.certificates.overview import Overview
from signet.operations.certificates.set_enabled import set_enabled
from signet.ports.session import Session


def enable_certificate(reference: str, *, within: Session) -> Overview:
    """Enable the certificate that `reference` names; already so is no error, and no event.

    Raises:
        NotFoundError: there is none that the caller sees.
        NotAllowedError: the caller may not edit it.
    """
    return set_enabled(reference, enabled=True, within=within)
