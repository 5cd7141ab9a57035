"""GetAuthConfig: the trusted issuers that people log in with."""

from collections.abc import Iterable, Sequence

from signet.domain.access.trusted_issuer import TrustedIssuer


def get_auth_config(*, issuers: Iterable[TrustedIssuer]) -> Sequence[TrustedIssuer]:
    """Those of `issuers` with a login, in the order of the deployment; a pipeline's issuer has none."""
    return [issuer for issuer in issuers if issuer.login is not None]
