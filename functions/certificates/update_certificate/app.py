"""PATCH /certificates/{certificate}: alias, description, owner, ask for a reason, PIN."""

from signet.api.bodies.certificate_bodies import CertificateBody, UpdateBody
from signet.api.http_function import Request, http_function
from signet.domain.certificates.overview import Overview
from signet.domain.errors import AliasTakenError, NotAllowedError, NotFoundError, StaleVersionError, UnknownIssuerError
from signet.operations.certificates.update_certificate import update_certificate
from signet.wiring import at_init, wiring

at_init(lambda ports: (ports.records, ports.pins))


@http_function(
    "PATCH /v1/certificates/{certificate}",
    body=UpdateBody,
    answers={200: CertificateBody},
    problems=(NotFoundError, NotAllowedError, AliasTakenError, StaleVersionError, UnknownIssuerError),
)
def lambda_handler(request: Request[UpdateBody, None]) -> Overview:
    """Answer the certificate with its new settings."""
    ports = wiring()
    return update_certificate(
        request.path["certificate"],
        request.body.update(ports.settings.expiry_stages),
        if_match=request.if_match,
        within=request.session(ports),
        pins=ports.pins,
    )
