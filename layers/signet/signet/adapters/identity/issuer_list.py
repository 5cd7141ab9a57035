"""The deployment's list of trusted issuers, read where a function starts to need it."""

from collections.abc import Mapping

from signet.domain.access.trusted_issuer import InvalidTrustedIssuersError, TrustedIssuer, parse_trusted_issuers
from signet.domain.errors import TokensUnjudgedError
from signet.observability import count, logger


def read_issuer_list(text: str) -> Mapping[str, TrustedIssuer]:
    """The issuers by URL; a wrong list is told where operators look, and nobody is told that his token were wrong.

    Raises:
        TokensUnjudgedError: the list cannot be used; the log says which entry, and why.
    """
    try:
        return parse_trusted_issuers(text)
    except InvalidTrustedIssuersError as error:
        logger.critical("the deployment's list of trusted issuers cannot be used", reason=str(error))
        count("TrustedIssuersRefused")
        raise TokensUnjudgedError(
            "The list of trusted issuers of this deployment cannot be used, so no token can be judged; "
            "the log of the service says what is wrong with it."
        ) from None
