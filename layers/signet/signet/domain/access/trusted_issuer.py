"""The OIDC issuers whose tokens are accepted, as the deployment names them (contract, section 12)."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from signet.domain.access.user_name import is_issuer_alias

AUTOMATION = "automation"
"""The alias of those who call in over the event bus: no token may speak for them."""
_LOCAL = "local"
"""The alias of the issuer that `make run` brings along."""
_REQUIRED = ("alias", "issuer", "audiences", "user_claim")
_OPTIONAL = ("group_claims", "required_claims", "jwks_uri", "login")
_FORMER = {"audience": "audiences, a list", "groups_claim": "group_claims, a list"}
_LOGIN_REQUIRED = ("client_id",)
_LOGIN_OPTIONAL = ("scopes", "console_client_id", "token", "hosts")
_MOST = 20
"""Of audiences, claims, values and hosts: the list has to fit into the environment of a function anyway."""
_SCOPES = re.compile(r"[!#-\[\]-~]+( [!#-\[\]-~]+)*")  # RFC 6749, 3.3
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?")
_AUTHORITY = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")
"""Host and port of a URL. The console's Content-Security-Policy names them, so that no `;`, `,` or `*` may be in it."""

RequiredValue = str | bool | int
"""What a claim can be required to be; JSON's true is not its 1."""


class InvalidTrustedIssuersError(ValueError):
    """The deployment's list of trusted issuers cannot be used; the message says which entry and why."""


class _FaultError(ValueError):
    """What is wrong with one entry; the message does not name the entry."""


@dataclass(frozen=True, slots=True)
class Login:
    """How people log in at an issuer, for programs that have them do so."""

    client_id: str
    """The public client (RFC 6749, 2.1) of programs on people's machines."""
    scopes: str = "openid"
    """Separated by spaces (RFC 6749, 3.3)."""
    token: Literal["access_token", "id_token"] = "access_token"  # noqa: S105 - the name of a kind of token
    """Which token of the issuer's answer is sent to the service: `access_token` or `id_token`."""
    console_client_id: str | None = None
    """The client of the console, where the issuer wants one of its own for browsers; None for `client_id`."""
    hosts: tuple[str, ...] = ()
    """Hosts other than the issuer's that a browser talks to at login, `host` or `host:port`."""


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """An issuer, and how its tokens are read."""

    alias: str
    """What its users and user groups are named by: `corp` in `corp/alice`."""
    issuer: str
    """The `iss` of its tokens, to the character (RFC 7519, 4.1.1)."""
    audiences: tuple[str, ...]
    """What `aud` must be one of, or contain one of (RFC 7519, 4.1.3)."""
    user_claim: str
    """The claim that names the user."""
    group_claims: tuple[str, ...] = ()
    """The claims that become user groups; none where the issuer has none."""
    required_claims: Mapping[str, tuple[RequiredValue, ...]] | None = None
    """By claim, the values of which a token must have one: an issuer for the whole world signs for others, too."""
    jwks_uri: str | None = None
    """Where its keys are; None to look it up in its discovery document."""
    login: Login | None = None
    """None where nobody logs in, as at a build system."""

    @classmethod
    def parse(cls, entry: object) -> Self:
        """Accept one entry of the list, or raise InvalidTrustedIssuersError."""
        try:
            return cls._parse(entry)
        except _FaultError as fault:
            raise InvalidTrustedIssuersError(str(fault)) from None

    @classmethod
    def _parse(cls, entry: object) -> Self:
        given = _members(entry, "a trusted issuer", _REQUIRED, _OPTIONAL, former=_FORMER)
        required = given.get("required_claims")
        issuer = cls(
            alias=_text(given, "alias"),
            issuer=_text(given, "issuer"),
            audiences=_texts(given, "audiences", least=1),
            user_claim=_text(given, "user_claim"),
            group_claims=_texts(given, "group_claims"),
            required_claims=None if required is None else _required_claims(required),
            jwks_uri=_text(given, "jwks_uri") if "jwks_uri" in given else None,
            login=_login(given["login"]) if "login" in given else None,
        )
        issuer._check()
        return issuer

    def _check(self) -> None:
        if not is_issuer_alias(self.alias):
            raise _FaultError(
                f"an issuer alias is 1 to 32 lower-case letters, digits and inner hyphens, got {self.alias!r}"
            )
        if self.alias == AUTOMATION:
            raise _FaultError(f"the issuer alias {AUTOMATION} is reserved")
        if not self.may_be_fetched(self.issuer):
            raise _FaultError(f"issuer is an https URL, got {self.issuer!r}")
        # OpenID Connect Discovery 1.0, section 2: neither query nor fragment.
        if "?" in self.issuer or "#" in self.issuer:
            raise _FaultError("an issuer URL has no query and no fragment")
        if self.alias == _LOCAL and not is_loopback(urlsplit(self.issuer).hostname or ""):
            raise _FaultError(f"the issuer alias {_LOCAL} is reserved for an issuer on this machine")
        if self.jwks_uri is not None and not self.may_be_fetched(self.jwks_uri):
            raise _FaultError(f"jwks_uri is an https URL, got {self.jwks_uri!r}")
        for one in self.group_claims:
            for other in self.group_claims:
                # `a` saying `b:c` and `a:b` saying `c` would be one user group.
                if other.startswith(f"{one}:"):
                    raise _FaultError(f"group_claims: {other} cannot stand beside {one}, whose names it could yield")

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
        if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
            return False
        if not _AUTHORITY.fullmatch(parts.netloc):
            return False
        if parts.scheme == "https":
            return True
        return parts.scheme == "http" and issuer.scheme == "http" and is_loopback(parts.hostname or "")

    @property
    def discovery_url(self) -> str:
        """OpenID Connect Discovery 1.0, section 4."""
        return self.issuer.removesuffix("/") + "/.well-known/openid-configuration"


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine by address, or by the one name that means it everywhere (RFC 6761, 6.3)."""
    import ipaddress  # only an issuer on this machine needs it, and every function reads the list

    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said of one entry of the list."""

    entry: str
    """Which one, as people count: `entry 2 (ci)`."""
    issuer: TrustedIssuer | None
    """What it says, if it can be used."""
    fault: str | None
    """Why it cannot be used."""


def judge_trusted_issuers(text: str) -> list[Verdict]:
    """What is to be said of each entry of a JSON list of issuers.

    Raises:
        InvalidTrustedIssuersError: `text` is no JSON list, so there are no entries.
    """
    try:
        entries: Any = json.loads(text, object_pairs_hook=_each_name_once)
    except _FaultError as fault:
        raise InvalidTrustedIssuersError(f"the trusted issuers: {fault}") from None
    except (ValueError, RecursionError) as error:
        raise InvalidTrustedIssuersError("the trusted issuers are a JSON list") from error
    if not isinstance(entries, list):
        raise InvalidTrustedIssuersError("the trusted issuers are a JSON list")
    return list(_verdicts(entries))


def _verdicts(entries: list[object]) -> Iterator[Verdict]:
    aliases: dict[str, str] = {}
    urls: dict[str, str] = {}
    for number, entry in enumerate(entries, 1):
        name = f"entry {number}"
        alias = entry.get("alias") if isinstance(entry, Mapping) else None
        if isinstance(alias, str) and is_issuer_alias(alias):
            name = f"{name} ({alias})"
        try:
            issuer = TrustedIssuer.parse(entry)
        except InvalidTrustedIssuersError as error:
            yield Verdict(name, None, str(error))
            continue
        # Both forms of one URL have one discovery document, which is only one's.
        url = issuer.issuer.removesuffix("/")
        if issuer.alias in aliases:
            yield Verdict(name, None, f"it has the same alias as {aliases[issuer.alias]}")
        elif url in urls:
            yield Verdict(name, None, f"it has the same URL as {urls[url]}")
        else:
            aliases[issuer.alias] = urls[url] = name
            yield Verdict(name, issuer, None)


def parse_trusted_issuers(text: str) -> Mapping[str, TrustedIssuer]:
    """The issuers of a JSON list, by issuer URL; each alias and each URL once.

    Raises:
        InvalidTrustedIssuersError: `text` is not such a list; trusting half of it would be a guess.
    """
    verdicts = judge_trusted_issuers(text)
    if faults := [f"{each.entry}: {each.fault}" for each in verdicts if each.fault is not None]:
        raise InvalidTrustedIssuersError("; ".join(faults))
    return {each.issuer.issuer: each.issuer for each in verdicts if each.issuer is not None}


def parse_issuer_aliases(text: str) -> frozenset[str]:
    """The aliases in a JSON list of them, each once: what is told of issuers that are listed elsewhere.

    Raises:
        InvalidTrustedIssuersError: `text` is no such list.
    """
    try:
        aliases: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidTrustedIssuersError("the trusted issuers are a JSON list") from error
    if not isinstance(aliases, list) or not all(isinstance(each, str) and is_issuer_alias(each) for each in aliases):
        raise InvalidTrustedIssuersError("beside a parameter with the list, TrustedIssuers is a list of aliases alone")
    if len(set(aliases)) != len(aliases):
        raise InvalidTrustedIssuersError("TrustedIssuers names an alias twice")
    return frozenset(aliases)


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _FaultError("an object has a member twice")
    return members


def _members(
    entry: object,
    what: str,
    required: tuple[str, ...],
    optional: tuple[str, ...],
    former: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The members of an object that are not null, once it has those it needs and no others."""
    if not isinstance(entry, dict):
        raise _FaultError(f"{what} is a JSON object")
    for old, new in (former or {}).items():
        if old in entry:
            raise _FaultError(f"{old} is now {new}")
    if missing := [name for name in required if name not in entry]:
        raise _FaultError(f"{what} lacks {', '.join(missing)}")
    if foreign := [name for name in entry if name not in required and name not in optional]:
        raise _FaultError(f"{what} has no {', '.join(map(repr, foreign))}; it has {', '.join((*required, *optional))}")
    return {name: value for name, value in entry.items() if value is not None or name in required}


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given[name]
    if not _is_text(value):
        raise _FaultError(f"{name} is printable text without outer space, got {json.dumps(value)[:60]}")
    return str(value)


def _texts(given: Mapping[str, Any], name: str, *, least: int = 0) -> tuple[str, ...]:
    values = given.get(name, [])
    if not isinstance(values, list) or not least <= len(values) <= _MOST:
        raise _FaultError(f"{name} is a list of {least} to {_MOST} texts, got {json.dumps(values)[:60]}")
    for value in values:
        if not _is_text(value):
            raise _FaultError(f"{name} holds printable text without outer space, got {json.dumps(value)[:60]}")
    return tuple(dict.fromkeys(values))


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != "" and value.isprintable() and value == value.strip()


def _required_claims(given: object) -> Mapping[str, tuple[RequiredValue, ...]]:
    if not isinstance(given, dict) or not 1 <= len(given) <= _MOST:
        raise _FaultError(
            'required_claims is an object, a list of values for each claim: {"repository_owner": ["acme"]}'
        )
    for name, values in given.items():
        right = isinstance(values, list) and 1 <= len(values) <= _MOST
        if not name or not right or not all(isinstance(value, str | bool | int) for value in values):
            raise _FaultError(f"required_claims: {name} has a list of 1 to {_MOST} texts, whole numbers, true or false")
    return {name: tuple(values) for name, values in given.items()}


def _login(given: object) -> Login:
    members = _members(given, "login", _LOGIN_REQUIRED, _LOGIN_OPTIONAL)
    scopes = _text(members, "scopes") if "scopes" in members else "openid"
    if not _SCOPES.fullmatch(scopes):
        raise _FaultError("login.scopes is words with one space between")
    token = members.get("token", "access_token")
    if token not in ("access_token", "id_token"):
        raise _FaultError("login.token is access_token or id_token")
    hosts = _texts(members, "hosts")
    for host in hosts:
        if not _HOST.fullmatch(host):
            raise _FaultError(f"login.hosts holds host names, with or without a port, got {host!r}")
    return Login(
        client_id=_text(members, "client_id"),
        scopes=scopes,
        token=token,
        console_client_id=_text(members, "console_client_id") if "console_client_id" in members else None,
        hosts=hosts,
    )
