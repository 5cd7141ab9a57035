"""GetConsole: the places that the console's page talks to in addition to the service itself."""

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

from signet.domain.access.trusted_issuer import TrustedIssuer
from signet.domain.errors import TokensUnjudgedError


def get_console(*, issuers: Callable[[], Mapping[str, TrustedIssuer]]) -> Sequence[str]:
    """The origins at which people log in, each once: those of `issuers` with a login, and of the hosts it names.

    None where the list of issuers is wrong: the page comes all the same, and says what `GET /v1/auth-config` answers.
    """
    origins: dict[str, None] = {}
    try:
        trusted = issuers()
    except TokensUnjudgedError:
        return ()
    for issuer in trusted.values():
        if issuer.login is None:
            continue
        parts = urlsplit(issuer.issuer)
        origins[f"{parts.scheme}://{parts.netloc}"] = None
        origins.update((f"https://{host}", None) for host in issuer.login.hosts)
    return list(origins)
