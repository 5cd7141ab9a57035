"""PATCH /certificate-groups/{id}: name, description, and how many certificates it may hold."""

from signet.api.bodies.certificate_group_bodies import CertificateGroupBody, ChangedCertificateGroup
from signet.api.http_function import Request, http_function
from signet.domain.access.certificate_group import CertificateGroup
from signet.domain.errors import LimitBelowCountError, NameTakenError, NotAllowedError, NotFoundError, StaleVersionError
from signet.operations.certificate_groups.update_certificate_group import update_certificate_group
from signet.wiring import at_init, wiring

at_init(lambda ports: (ports.records, ports.listings))


@http_function(
    "PATCH /v1/certificate-groups/{id}",
    body=ChangedCertificateGroup,
    answers={200: CertificateGroupBody},
    problems=(NotFoundError, NotAllowedError, StaleVersionError, NameTakenError, LimitBelowCountError),
)
def lambda_handler(request: Request[ChangedCertificateGroup, None]) -> CertificateGroup:
    """Answer the certificate group with its new settings."""
    ports = wiring()
    return update_certificate_group(
        request.path["id"],
        request.body.plain(),
        if_match=request.if_match,
        within=request.session(ports),
        listings=ports.listings,
    )
