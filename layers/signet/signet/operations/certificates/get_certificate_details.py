"""GetCertificateDetails: everything in the X.509."""

from signet.domain.access.principal import Principal
from signet.domain.certificates.certificate import Certificate, X509Body
from signet.domain.errors import NotFoundError
from signet.operations.authorisation import readable
from signet.ports.store import Records


def get_certificate_details(reference: str, *, by: Principal, records: Records) -> tuple[Certificate, X509Body]:
    """The certificate that `reference` names, with its X.509 and chain.

    Raises:
        NotFoundError: there is none that `by` sees.
        NotAllowedError: the role of `by` covers it without letting look.
    """
    certificate = readable(snapshot := records.load(reference, x509=True), by)
    if snapshot.x509 is None:
        raise NotFoundError
    return certificate, snapshot.x509
