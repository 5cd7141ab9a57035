"""GET /certificates: what the caller may look at, filtered and sorted; for a spreadsheet too."""

from signet.api.answering.answer import Answer
from signet.api.answering.certificate_pages import certificate_page
from signet.api.bodies.certificate_bodies import CertificateBody, CertificatePage
from signet.api.http_function import Request, http_function
from signet.api.reading.queries import CertificatesQuery
from signet.domain.errors import BadCursorError, UnknownReferenceError
from signet.operations.certificates.list_certificates import list_certificates
from signet.wiring import at_init, wiring

at_init(lambda ports: (ports.records, ports.listings, ports.cursors))


@http_function(
    "GET /v1/certificates",
    query=CertificatesQuery,
    answers={200: (CertificatePage, "text/csv")},
    problems=(BadCursorError, UnknownReferenceError),
)
def lambda_handler(request: Request[None, CertificatesQuery]) -> Answer:
    """Answer one page of certificates, as JSON or, where `Accept` prefers `text/csv`, as a table."""
    ports = wiring()
    asked = request.query
    found = list_certificates(
        asked.query(),
        cursor=asked.cursor,
        limit=asked.limit,
        with_x509=asked.include is not None,
        with_count=asked.count is not None,
        within=request.session(ports),
        listings=ports.listings,
        cursors=ports.cursors,
    )
    bodies = tuple(CertificateBody.of(overview, der) for overview, der in found.certificates)
    page = CertificatePage.of(bodies, found.next_cursor, found.count)
    return certificate_page(page, accept=request.accept, with_x509=asked.include is not None)
