"""POST /signing-requests: a key pair made here, and its CSR for the CA."""

from signet.api.bodies.signing_request_bodies import CREATE_PROBLEMS, CreateRequestBody, RequestBody
from signet.api.http_function import Request, http_function
from signet.domain.certificates.overview import RequestOverview
from signet.operations.signing_requests.create_signing_request import create_signing_request
from signet.wiring import at_init, wiring

at_init(lambda ports: (ports.records, ports.requests, ports.pins, ports.wrapper.connect()))


@http_function(
    "POST /v1/signing-requests", body=CreateRequestBody, answers={201: RequestBody}, problems=CREATE_PROBLEMS
)
def lambda_handler(request: Request[CreateRequestBody, None]) -> RequestOverview:
    """Answer the signing request with its CSR; the private key never leaves."""
    ports = wiring()
    return create_signing_request(
        request.body.command(ports.settings.expiry_stages),
        within=request.session(ports),
        requests=ports.requests,
        wrapper=ports.wrapper,
        pins=ports.pins,
    )
