"""GetConsole: the places that the console's page talks to in addition to the service itself."""

from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from signet.domain.access.trusted_issuer import TrustedIssuer


def get_console(*, issuers: Iterable[TrustedIssuer]) -> Sequence[str]:
    """The origins at which people log in, each once: those of `issuers` with a login, and of the hosts it names."""
    origins: dict[str, None] = {}
    for issuer in issuers:
        if issuer.login is None:
            continue
        parts = urlsplit(issuer.issuer)
        origins[f"{parts.scheme}://{parts.netloc}"] = None
        origins.update((f"https://{host}", None) for host in issuer.login.hosts)
    return list(origins)
