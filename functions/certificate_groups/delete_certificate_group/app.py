"""DELETE /certificate-groups/{id}: the set is deleted; the certificates in it stay."""

from signet.api.http_function import Request, http_function
from signet.domain.errors import GroupInUseError, NotAllowedError, NotFoundError, StaleVersionError
from signet.operations.certificate_groups.delete_certificate_group import delete_certificate_group
from signet.wiring import at_init, wiring

at_init(lambda ports: (ports.records, ports.listings))


@http_function(
    "DELETE /v1/certificate-groups/{id}",
    answers={204: None},
    problems=(NotFoundError, NotAllowedError, StaleVersionError, GroupInUseError),
)
def lambda_handler(request: Request[None, None]) -> None:
    """Answer nothing; 409 where policies or roles name it."""
    ports = wiring()
    delete_certificate_group(
        request.path["id"], if_match=request.if_match, within=request.session(ports), listings=ports.listings
    )
