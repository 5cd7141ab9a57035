"""DownloadCertificate: the certificate as a file. Never a private key."""

from signet.domain.certificates.certificate import Certificate, X509Body
from signet.operations.authorisation import readable_x509
from signet.ports.session import Session


def download_certificate(reference: str, *, within: Session) -> tuple[Certificate, X509Body]:
    """The certificate that `reference` names, with its X.509 and chain.

    Raises:
        NotFoundError: there is none that the caller sees.
        NotAllowedError: the caller's role covers it without letting look.
    """
    return readable_x509(within.load(reference, x509=True), within)
