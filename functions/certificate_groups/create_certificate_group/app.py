"""POST /certificate-groups: a new set of certificates, empty at first."""

from signet.api.bodies.certificate_group_bodies import CertificateGroupBody, NewCertificateGroup
from signet.api.http_function import Request, http_function
from signet.domain.access.certificate_group import CertificateGroup, CertificateGroupSettings
from signet.domain.errors import NameTakenError, NotAllowedError, NotFoundError
from signet.operations.certificate_groups.create_certificate_group import create_certificate_group
from signet.wiring import at_init, wiring

at_init(lambda ports: ports.records)


@http_function(
    "POST /v1/certificate-groups",
    body=NewCertificateGroup,
    answers={201: CertificateGroupBody},
    problems=(NotFoundError, NotAllowedError, NameTakenError),
)
def lambda_handler(request: Request[NewCertificateGroup, None]) -> CertificateGroup:
    """Answer the new certificate group."""
    return create_certificate_group(
        CertificateGroupSettings.parse(request.body.plain()), within=request.session(wiring())
    )
