"""GET /certificate-groups: those that the caller sees, by name."""

from signet.api.bodies.certificate_group_bodies import CertificateGroupPage
from signet.api.bodies.fields import PageQuery
from signet.api.http_function import Request, http_function
from signet.domain.access.certificate_group import CertificateGroup
from signet.domain.errors import BadCursorError
from signet.operations.certificate_groups.list_certificate_groups import list_certificate_groups
from signet.wiring import at_init, wiring

at_init(lambda ports: (ports.records, ports.listings, ports.cursors))


@http_function(
    "GET /v1/certificate-groups", query=PageQuery, answers={200: CertificateGroupPage}, problems=(BadCursorError,)
)
def lambda_handler(request: Request[None, PageQuery]) -> tuple[tuple[CertificateGroup, ...], str | None]:
    """Answer one page of certificate groups."""
    ports = wiring()
    return list_certificate_groups(
        cursor=request.query.cursor,
        limit=request.query.limit,
        within=request.session(ports),
        listings=ports.listings,
        cursors=ports.cursors,
    )
