"""GetCertificateDetails: everything in the X.509."""

from signet.domain.certificates.certificate import Certificate, X509Body
from signet.operations.authorisation import readable_x509
from signet.ports.session import Session


def get_certificate_details(reference: str, *, within: Session) -> tuple[Certificate, X509Body]:
    """The certificate that `reference` names, with its X.509 and chain.

    Raises:
        NotFoundError: there is none that the caller sees.
        NotAllowedError: the caller's role covers it without letting look.
    """
    return readable_x509(within.load(reference, x509=True), within)
