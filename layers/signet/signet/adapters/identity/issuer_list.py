"""The deployment's list of trusted issuers, read where a function starts to need it."""

from collections.abc import Mapping

from signet.domain.access.trusted_issuer import (
    InvalidTrustedIssuersError,
    TrustedIssuer,
    parse_issuer_aliases,
    parse_trusted_issuers,
)
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
        raise unusable(str(error)) from None


def read_issuer_aliases(text: str) -> frozenset[str]:
    """The aliases of the issuers, where `text` has nothing else of them.

    Raises:
        TokensUnjudgedError: it cannot be used; the log says why.
    """
    try:
        return parse_issuer_aliases(text)
    except InvalidTrustedIssuersError as error:
        raise unusable(str(error)) from None


def unusable(reason: str) -> TokensUnjudgedError:
    """Tell operators of a list that cannot be used; what callers are told."""
    logger.critical("the deployment's list of trusted issuers cannot be used", reason=reason)
    count("TrustedIssuersRefused")
    return TokensUnjudgedError(
        "The list of trusted issuers of this deployment cannot be used, so no token can be judged; "
        "the log of the service says what is wrong with it."
    )
