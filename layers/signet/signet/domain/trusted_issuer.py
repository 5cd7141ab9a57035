"""The OIDC issuers whose tokens are believed, as the deployment names them."""

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

from signet.domain.user_name import is_issuer_alias

_REQUIRED = {"alias", "issuer", "audience", "user_claim"}
_OPTIONAL = {"groups_claim", "jwks_uri"}
_AUTOMATION = "automation"
"""The alias of those who call in over the event bus: no token may speak for them."""
_LOCAL = "local"
"""The alias of the issuer that `make run` brings along."""


class InvalidTrustedIssuersError(ValueError):
    """The deployment's list of trusted issuers cannot be used; the message says which entry and why."""


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """An issuer, and how its tokens are read."""

    alias: str
    """What its users and user groups are named by: `corp` in `corp/alice`."""
    issuer: str
    """The `iss` of its tokens, to the character (RFC 7519, 4.1.1)."""
    audience: str
    """What `aud` must be or contain (RFC 7519, 4.1.3)."""
    user_claim: str
    """The claim that names the user."""
    groups_claim: str | None = None
    """The claim that lists the user groups; None where the issuer has none, as a CI system may."""
    jwks_uri: str | None = None
    """Where its keys are; None to look it up in its discovery document."""

    @classmethod
    def parse(cls, entry: object) -> Self:
        """Accept one entry of the list, or raise InvalidTrustedIssuersError."""
        if not isinstance(entry, dict):
            raise InvalidTrustedIssuersError("a trusted issuer is a JSON object")
        if missing := _REQUIRED - entry.keys():
            raise InvalidTrustedIssuersError(f"a trusted issuer lacks {', '.join(sorted(missing))}")
        if foreign := entry.keys() - _REQUIRED - _OPTIONAL:
            raise InvalidTrustedIssuersError(f"a trusted issuer has no {', '.join(sorted(foreign))}")
        given = {name: text for name, text in entry.items() if text is not None or name in _REQUIRED}
        for name, text in given.items():
            if not isinstance(text, str) or not text or not text.isprintable() or text != text.strip():
                raise InvalidTrustedIssuersError(f"{name} of a trusted issuer is printable text without outer space")
        issuer = cls(**given)
        issuer._check()
        return issuer

    def _check(self) -> None:
        if not is_issuer_alias(self.alias):
            raise InvalidTrustedIssuersError(
                f"an issuer alias is 1 to 32 lower-case letters, digits and inner hyphens, got {self.alias!r}"
            )
        if self.alias == _AUTOMATION:
            raise InvalidTrustedIssuersError(f"the issuer alias {_AUTOMATION} is reserved")
        if not self.may_be_fetched(self.issuer):
            raise InvalidTrustedIssuersError(f"{self.alias}: an issuer is an https URL, got {self.issuer!r}")
        parts = urlsplit(self.issuer)
        # OpenID Connect Discovery 1.0, section 2: neither query nor fragment.
        if "?" in self.issuer or "#" in self.issuer:
            raise InvalidTrustedIssuersError(f"{self.alias}: an issuer URL has no query and no fragment")
        if self.alias == _LOCAL and not is_loopback(parts.hostname or ""):
            raise InvalidTrustedIssuersError(f"the issuer alias {_LOCAL} is reserved for an issuer on this machine")
        if self.jwks_uri is not None and not self.may_be_fetched(self.jwks_uri):
            raise InvalidTrustedIssuersError(f"{self.alias}: jwks_uri is an https URL, got {self.jwks_uri!r}")

    def may_be_fetched(self, url: str) -> bool:
        """Whether `url` is https; or plain http on this machine, for an issuer that is there too.

        The second half keeps an issuer's discovery document from sending us to a port of our own machine.
        """
        try:
            parts, issuer = urlsplit(url), urlsplit(self.issuer)
            parts.port  # noqa: B018 - reading it is what finds a bad one
        except ValueError:
            return False
        # urlsplit drops tabs and line breaks silently.
        if not url.isascii() or not url.isprintable() or " " in url or "\\" in url or "@" in parts.netloc:
            return False
        if parts.scheme == "https":
            return bool(parts.hostname)
        return parts.scheme == "http" and issuer.scheme == "http" and is_loopback(parts.hostname or "")

    @property
    def discovery_url(self) -> str:
        """OpenID Connect Discovery 1.0, section 4."""
        return self.issuer.removesuffix("/") + "/.well-known/openid-configuration"


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine by address, or by the one name that means it everywhere (RFC 6761, 6.3)."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def parse_trusted_issuers(text: str) -> Mapping[str, TrustedIssuer]:
    """The issuers of a JSON list, by issuer URL; each alias and each URL once.

    Raises:
        InvalidTrustedIssuersError: `text` is not such a list; trusting half of it would be a guess.
    """
    try:
        entries: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidTrustedIssuersError("the trusted issuers are a JSON list") from error
    if not isinstance(entries, list):
        raise InvalidTrustedIssuersError("the trusted issuers are a JSON list")
    issuers = [TrustedIssuer.parse(entry) for entry in entries]
    by_url = {issuer.issuer: issuer for issuer in issuers}
    if len(by_url) != len(issuers):
        raise InvalidTrustedIssuersError("two trusted issuers have the same URL")
    if len({issuer.alias for issuer in issuers}) != len(issuers):
        raise InvalidTrustedIssuersError("two trusted issuers have the same alias")
    return by_url
