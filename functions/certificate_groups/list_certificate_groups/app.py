"""GET /certificate-groups: those that the caller sees, by name."""

from signet.api.bodies.access_bodies import CertificateGroupBody, CertificateGroupPage, PageQuery
from signet.api.http_function import Answer, Request, http_function
from signet.domain.errors import BadCursorError
from signet.operations.certificate_groups.list_certificate_groups import list_certificate_groups
from signet.wiring import wiring


@http_function(
    "GET /v1/certificate-groups",
    query=PageQuery,
    answers={200: CertificateGroupPage},
    problems=(BadCursorError,),
)
def lambda_handler(request: Request[None, PageQuery]) -> Answer:
    """Answer one page of certificate groups."""
    ports = wiring()
    groups, next_cursor = list_certificate_groups(
        cursor=request.query.cursor,
        limit=request.query.limit,
        by=request.principal,
        records=ports.records,
        listings=ports.listings,
        cursors=ports.cursors,
        clock=ports.clock,
    )
    return Answer(200, CertificateGroupPage(tuple(CertificateGroupBody.of(group) for group in groups), next_cursor))
