"""GetCertificate: the overview."""

from signet.domain.certificates.overview import Overview
from signet.operations.authorisation import readable
from signet.ports.session import Session


def get_certificate(reference: str, *, within: Session) -> Overview:
    """The certificate that `reference`, an id or alias, names, as it is now.

    Raises:
        NotFoundError: there is none that the caller sees.
        NotAllowedError: the caller's role covers it without letting look.
    """
    certificate = readable(snapshot := within.load(reference), within)
    return within.overview(certificate, snapshot.usage, snapshot.access)
