"""POST /certificates/{certificate}/renew: a signing request with a new key, filled in from the old certificate."""

from signet.api.bodies.signing_request_bodies import RENEW_PROBLEMS, CsrBody, RequestBody
from signet.api.http_function import Request, http_function
from signet.domain.certificates.overview import RequestOverview
from signet.operations.certificates.renew_certificate import renew_certificate
from signet.wiring import at_init, wiring

at_init(lambda ports: (ports.records, ports.requests, ports.wrapper.connect()))


@http_function(
    "POST /v1/certificates/{certificate}/renew", body=CsrBody, answers={201: RequestBody}, problems=RENEW_PROBLEMS
)
def lambda_handler(request: Request[CsrBody, None]) -> RequestOverview:
    """Answer the signing request; the old certificate still works."""
    ports = wiring()
    return renew_certificate(
        request.path["certificate"],
        request.body.csr_order,
        within=request.session(ports),
        requests=ports.requests,
        wrapper=ports.wrapper,
    )
