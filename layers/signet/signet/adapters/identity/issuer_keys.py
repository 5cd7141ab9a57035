"""The public keys of the trusted issuers (JWKS, RFC 7517), fetched when needed and kept in the warm process.

Nobody can make us fetch often, long or much: one attempt per issuer in `ATTEMPT_EVERY`, whatever the reason and
however many ask; `FETCH_TIMEOUT` for all of it; `MAX_BYTES` a document; no redirect, no proxy, no compression.

```text
   fetched        + FRESH_FOR                                + STALE_FOR
   |--- served ---|--- served, fetched again if possible ---|  refused
```
"""

import http.client
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from jwt.exceptions import PyJWTError

from signet.adapters.identity.json_object import json_object
from signet.domain.access.trusted_issuer import TrustedIssuer
from signet.domain.errors import IssuerUnreachableError
from signet.observability import count, logger

FRESH_FOR = timedelta(minutes=5)
"""A key that its issuer withdraws is believed for this long at most, while the issuer answers."""
STALE_FOR = timedelta(hours=1)
"""An issuer that does not answer for this long is not believed any more."""
ATTEMPT_EVERY = timedelta(seconds=10)
LOOK_EVERY = timedelta(seconds=60)
"""How often health looks: anybody may ask it, and it must not become a way to trouble an issuer."""
FETCH_TIMEOUT = timedelta(seconds=3)
"""For one attempt, names and handshakes included; API Gateway waits 10 seconds for an authorizer."""
MAX_BYTES = 256 * 1024
MAX_KEYS = 100

_SOCKET_TIMEOUT_SECONDS = 2.0
_RSA_BITS = range(2048, 8192 + 1)
"""RFC 7518, 3.3 sets the least; the most bounds what one verification costs."""

KEY_KINDS: Mapping[str, str] = {
    "RS256": "RSA",
    "RS384": "RSA",
    "RS512": "RSA",
    "PS256": "RSA",
    "PS384": "RSA",
    "PS512": "RSA",
    "ES256": "P-256",
    "ES384": "P-384",
    "ES512": "P-521",
    "EdDSA": "Ed25519",
}
"""The algorithms a token may use, each with the one kind of key it fits (RFC 7518, 3.1; RFC 8037, 3.1)."""

Fetch = Callable[[str, float], bytes]
"""Gets the document at a URL before a moment of the monotonic clock, or raises UnreadableDocumentError."""


class UnreadableDocumentError(Exception):
    """A document of an issuer could not be had, or is not what it should be."""


class NoAnswerError(UnreadableDocumentError):
    """The issuer's server could not be asked, or failed; another try may do better."""


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """A key that an issuer signs tokens with."""

    key_id: str | None
    kind: str
    """`RSA`, or the curve."""
    algorithm: str | None
    """The only algorithm its issuer uses it for, if the issuer says so."""
    public_key: Any

    def fits(self, algorithm: str) -> bool:
        """Whether a token that claims `algorithm` can have been signed with it."""
        return KEY_KINDS.get(algorithm) == self.kind and self.algorithm in (None, algorithm)


@dataclass(frozen=True, slots=True)
class _KeySet:
    keys: tuple[IssuerKey, ...]
    fetched_at: float

    def has(self, key_id: str | None) -> bool:
        return key_id is None or any(key.key_id == key_id for key in self.keys)


class IssuerKeys:
    """The keys of one issuer; safe to share between threads.

    Ages are told by the wall clock: a monotonic one may stand still while Lambda keeps the process frozen, and a key
    would be believed for longer than is said above. A clock that was set back counts as much as one set forward.
    """

    def __init__(
        self,
        issuer: TrustedIssuer,
        fetch: Fetch | None = None,
        *,
        clock: Callable[[], float] = time.time,
        fetch_timeout: timedelta = FETCH_TIMEOUT,
    ) -> None:
        self._issuer = issuer
        self._fetch = fetch or fetch_document
        self._clock = clock
        self._fetch_seconds = fetch_timeout.total_seconds()
        self._one_at_a_time = threading.Lock()
        self._known: _KeySet | None = None
        self._last_attempt = 0.0
        self._failure: str | None = None
        self._behind = False
        """Whether the last attempt failed, so that the issuer may have other keys than we know."""
        self._reader: threading.Thread | None = None

    @property
    def alias(self) -> str:
        """Whose keys they are."""
        return self._issuer.alias

    def find(self, key_id: str | None) -> tuple[IssuerKey, ...]:
        """All keys that `key_id` names; or all there are, where the token names none (RFC 7515, 4.1.4).

        Raises:
            IssuerUnreachableError: no keys are known that are young enough to believe; or not this one, and the issuer
                may have taken it into use since it was last heard of.
        """
        if not self._suffices(key_id):
            self._learn(key_id)
        known = self._usable()
        if known is None or (self._behind and not known.has(key_id)):
            raise IssuerUnreachableError(f"The keys of the trusted issuer {self._issuer.alias} are out of reach.")
        return tuple(key for key in known.keys if key_id is None or key.key_id == key_id)

    def look(self) -> str | None:
        """Fetch the keys to see whether they can be had, at most every `LOOK_EVERY`; why not, or None if they can."""
        self._learn(None, every=LOOK_EVERY, wait=True)
        return self._failure

    def _suffices(self, key_id: str | None) -> bool:
        known = self._known
        return known is not None and known.has(key_id) and self._since(known.fetched_at) < FRESH_FOR

    def _usable(self) -> _KeySet | None:
        known = self._known
        return known if known is not None and self._since(known.fetched_at) <= STALE_FOR else None

    def _since(self, moment: float) -> timedelta:
        return timedelta(seconds=abs(self._clock() - moment))

    def _learn(self, key_id: str | None, *, every: timedelta = ATTEMPT_EVERY, wait: bool = False) -> None:
        """Fetch the keys again, unless that was tried a moment ago."""
        known = self._usable()
        can_go_on = known is not None and known.has(key_id) and not wait
        # Who has a key to go on with does not wait for another caller's attempt.
        if not self._one_at_a_time.acquire(blocking=not can_go_on):
            return
        try:
            # Whoever held the lock before has just tried, for all of us.
            if self._since(self._last_attempt) >= every:
                self._last_attempt = self._clock()
                self._attempt()
        finally:
            self._one_at_a_time.release()

    def _attempt(self) -> None:
        """Fetch the keys; where that fails, what is known stays."""
        started = self._clock()
        try:
            keys = self._read_in_time()
        except UnreadableDocumentError as error:
            self._behind = True
            self._fail(str(error))
            return
        # An empty set is an answer, too: the issuer has withdrawn its keys, or is not where its keys are.
        self._known, self._behind, self._failure = _KeySet(keys, started), False, None
        if not keys:
            self._fail("its key set has no key that tokens can be checked with")

    def _fail(self, reason: str) -> None:
        self._failure = reason
        logger.error("keys of an issuer cannot be had", issuer=self._issuer.alias, reason=reason)
        # Without the issuer as a dimension: an alarm sees just the dimensions that it names.
        count("IssuerKeysUnavailable")

    def _read_in_time(self) -> tuple[IssuerKey, ...]:
        """Read the keys in a thread, since only so can names, handshakes and headers be given up when they take long.

        The thread ends by itself soon after; until it has, no other is started.
        """
        if self._reader is not None and self._reader.is_alive():
            raise NoAnswerError("the attempt before is not over")
        outcome: list[tuple[IssuerKey, ...] | UnreadableDocumentError] = []

        def read() -> None:
            try:
                outcome.append(self.read(time.monotonic() + self._fetch_seconds))
            except UnreadableDocumentError as error:
                outcome.append(error)
            except Exception as error:  # noqa: BLE001 - an error in a thread is lost, and this one must be told
                outcome.append(UnreadableDocumentError(f"unexpected {type(error).__name__}"))

        self._reader = threading.Thread(target=read, name=f"keys-of-{self._issuer.alias}", daemon=True)
        self._reader.start()
        self._reader.join(self._fetch_seconds)
        if not outcome:
            raise NoAnswerError(f"no answer in {self._fetch_seconds:g} seconds")
        if isinstance(outcome[0], UnreadableDocumentError):
            raise outcome[0]
        return outcome[0]

    def read(self, deadline: float) -> tuple[IssuerKey, ...]:
        """The keys as the issuer publishes them now, before a moment of the monotonic clock.

        Raises:
            UnreadableDocumentError: they cannot be had; the message says why.
        """
        try:
            return self._read_once(deadline)
        except NoAnswerError:
            # A hiccup at a cold start would otherwise refuse everybody until the next attempt is due.
            return self._read_once(deadline)

    def _read_once(self, deadline: float) -> tuple[IssuerKey, ...]:
        return parse_key_set(self._fetch(self._issuer.jwks_uri or self._discovered_uri(deadline), deadline))

    def _discovered_uri(self, deadline: float) -> str:
        """OpenID Connect Discovery 1.0, 4.3: the document must be about the very issuer that was asked for."""
        document = _read(self._fetch(self._issuer.discovery_url, deadline))
        if document.get("issuer") != self._issuer.issuer:
            raise UnreadableDocumentError("the discovery document is another issuer's")
        uri = document.get("jwks_uri")
        if not isinstance(uri, str) or not self._issuer.may_be_fetched(uri):
            raise UnreadableDocumentError("the discovery document's jwks_uri is not an https URL")
        return uri


def parse_key_set(content: bytes) -> tuple[IssuerKey, ...]:
    """The keys of a JWK set that tokens can be checked with; others in it are passed over (RFC 7517, 5).

    Raises:
        UnreadableDocumentError: not a JWK set, or one of more than `MAX_KEYS` keys.
    """
    entries = _read(content).get("keys")
    if not isinstance(entries, list):
        raise UnreadableDocumentError("the document is not a JWK set")
    if len(entries) > MAX_KEYS:
        raise UnreadableDocumentError(f"the JWK set has {len(entries)} keys, {MAX_KEYS} are read at most")
    return tuple(_usable_keys(entries))


def _usable_keys(entries: Iterable[object]) -> Iterable[IssuerKey]:
    for entry in entries:
        if not isinstance(entry, dict):
            continue
        try:
            key = _parse_key(entry)
        except (PyJWTError, UnsupportedAlgorithm, ValueError, TypeError, KeyError, OverflowError):
            # A key that cannot be read is no key; the others in the set are none the worse.
            continue
        if key is not None:
            yield key


def _parse_key(entry: Mapping[str, Any]) -> IssuerKey | None:
    """The public key in a JWK, or None where it is not one to check tokens with."""
    key_id, algorithm = entry.get("kid"), entry.get("alg")
    if not isinstance(key_id, str | None) or not isinstance(algorithm, str | None):
        return None
    if entry.get("use", "sig") != "sig" or "verify" not in entry.get("key_ops", ["verify"]):
        return None
    # A private key that is published is everybody's.
    if "d" in entry:
        return None
    public_key: Any
    match entry.get("kty"), entry.get("crv"):
        case "RSA", None:
            kind = "RSA"
            public_key = RSAAlgorithm.from_jwk({"kty": "RSA", "n": entry["n"], "e": entry["e"]})
            if public_key.key_size not in _RSA_BITS:
                return None
        case "EC", ("P-256" | "P-384" | "P-521") as kind:
            public_key = ECAlgorithm.from_jwk({"kty": "EC", "crv": kind, "x": entry["x"], "y": entry["y"]})
        case "OKP", "Ed25519" as kind:
            public_key = OKPAlgorithm.from_jwk({"kty": "OKP", "crv": kind, "x": entry["x"]})
        case _:
            return None
    return IssuerKey(key_id, kind, algorithm, public_key)


def _read(content: bytes) -> dict[str, Any]:
    try:
        return json_object(content)
    except ValueError as error:
        raise UnreadableDocumentError("the document is not JSON") from error
    except TypeError as error:
        raise UnreadableDocumentError("the document is not a JSON object") from error


def fetch_document(url: str, deadline: float) -> bytes:
    """The content at `url`, at most `MAX_BYTES`, from a server whose certificate is checked.

    Plain `http.client`: it knows no redirects, no proxies, no compression, and is in memory anyway, which spares the
    authorizer's cold start 40 ms.

    Raises:
        UnreadableDocumentError: no answer, not 200, or too long.
    """
    parts = urlsplit(url)
    host, timeout = parts.hostname or "", _SOCKET_TIMEOUT_SECONDS
    connection = (
        http.client.HTTPSConnection(host, parts.port, timeout=timeout, context=ssl.create_default_context())
        if parts.scheme == "https"
        else http.client.HTTPConnection(host, parts.port, timeout=timeout)
    )
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("GET", target, headers={"Accept": "application/json", "User-Agent": "signet"})
        with connection.getresponse() as response:
            return _read_bounded(response, deadline)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NoAnswerError(f"no answer ({type(error).__name__})") from error
    finally:
        connection.close()


def _read_bounded(response: http.client.HTTPResponse, deadline: float) -> bytes:
    if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise NoAnswerError(f"the answer is {response.status}")
    if response.status != HTTPStatus.OK:
        raise UnreadableDocumentError(f"the answer is {response.status}")
    content = bytearray()
    while chunk := response.read1(MAX_BYTES):
        content += chunk
        if len(content) > MAX_BYTES:
            raise UnreadableDocumentError(f"the document is over {MAX_BYTES} bytes")
        if time.monotonic() > deadline:
            raise NoAnswerError("the document takes too long")
    return bytes(content)
