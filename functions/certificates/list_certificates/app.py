"""GET /certificates: what the caller may look at, filtered and sorted."""

from signet.api.bodies import CertificateBody, CertificatePage
from signet.api.entrance import Answer, Request, entrance
from signet.api.queries import CertificatesQuery
from signet.domain.errors import BadCursorError
from signet.operations.list_certificates import list_certificates
from signet.wiring import wiring


@entrance(
    "GET /v1/certificates",
    query=CertificatesQuery,
    answers={200: CertificatePage},
    problems=(BadCursorError,),
)
def lambda_handler(request: Request[None, CertificatesQuery]) -> Answer:
    """Answer one page of certificates."""
    ports = wiring()
    stages = ports.settings.expiry_stages
    found, next_cursor = list_certificates(
        request.query.query(),
        cursor=request.query.cursor,
        limit=request.query.limit,
        stages=stages,
        by=request.principal,
        records=ports.records,
        listings=ports.listings,
        cursors=ports.cursors,
        clock=ports.clock,
    )
    now = ports.clock.now()
    return Answer(200, CertificatePage(tuple(CertificateBody.of(one, now, stages) for one in found), next_cursor))
