"""DownloadSigningRequest: the CSR as a file for the CA."""

from signet.domain.signing_requests.signing_request import SigningRequest
from signet.operations.signing_requests.get_signing_request import get_signing_request
from signet.ports.session import Session


def download_signing_request(request_id: str, *, within: Session) -> SigningRequest:
    """The signing request `request_id`, whose CSR is the file.

    Raises:
        NotFoundError, NotAllowedError: as `get_signing_request`.
    """
    return get_signing_request(request_id, within=within).request
