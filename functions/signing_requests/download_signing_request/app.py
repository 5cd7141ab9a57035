"""GET /signing-requests/{id}/csr: the CSR as a file for the CA."""

from signet.api.answering.answer import Answer
from signet.api.answering.downloads import disposition
from signet.api.bodies.signing_request_bodies import CsrFileQuery
from signet.api.http_function import Request, http_function
from signet.domain.errors import NotAllowedError, NotFoundError
from signet.operations.signing_requests.download_signing_request import download_signing_request
from signet.wiring import at_init, wiring

at_init(lambda ports: ports.records)


@http_function(
    "GET /v1/signing-requests/{id}/csr",
    query=CsrFileQuery,
    answers={200: "application/pkcs10"},
    problems=(NotFoundError, NotAllowedError),
)
def lambda_handler(request: Request[None, CsrFileQuery]) -> Answer:
    """Answer the CSR as PEM or DER."""
    waiting = download_signing_request(request.path["id"], within=request.session(wiring()))
    content = waiting.csr if request.query.format == "der" else waiting.csr_pem.encode()
    headers = {"Content-Disposition": disposition(f"{waiting.alias.text}.csr")}
    return Answer(200, content, headers, "application/pkcs10")
