"""The keys of an issuer: fetched when needed, kept for a while, and never at our expense."""

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from signet.adapters.identity.issuer_keys import (
    ATTEMPT_EVERY,
    FETCH_TIMEOUT,
    FRESH_FOR,
    LOOK_EVERY,
    MAX_BYTES,
    MAX_KEYS,
    STALE_FOR,
    IssuerKeys,
    NoAnswerError,
    UnreadableDocumentError,
    fetch_document,
    parse_key_set,
)
from signet.domain.access.trusted_issuer import TrustedIssuer
from signet.domain.errors import IssuerUnreachableError
from tests.support.services.oidc_issuer import Answer, OidcIssuer, answer_json, base64url, jwk, key, running_issuer

DISCOVERY = "/.well-known/openid-configuration"


class HandSetClock:
    """A clock that goes when told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds

    def advance(self, span: timedelta) -> None:
        self.seconds += span.total_seconds()


@pytest.fixture
def issuer() -> Iterator[OidcIssuer]:
    with running_issuer() as running:
        running.keys = [jwk(key("RSA"), kid="k1")]
        yield running


@pytest.fixture
def clock() -> HandSetClock:
    return HandSetClock()


@pytest.fixture
def keys(issuer: OidcIssuer, clock: HandSetClock) -> IssuerKeys:
    return keys_of(issuer, clock)


def keys_of(issuer: OidcIssuer, clock: Callable[[], float], fetch_timeout: timedelta = FETCH_TIMEOUT) -> IssuerKeys:
    return IssuerKeys(TrustedIssuer("corp", issuer.url, ("signet",), "sub"), clock=clock, fetch_timeout=fetch_timeout)


def ids(keys: IssuerKeys, key_id: str | None = None) -> list[str | None]:
    return [found.key_id for found in keys.find(key_id)]


def broken() -> Answer:
    return 500, {}, b""


# --- lifetimes ---------------------------------------------------------------------------------------------------


def test_keys_are_kept_while_fresh_and_fetched_again_after(
    issuer: OidcIssuer, keys: IssuerKeys, clock: HandSetClock
) -> None:
    assert ids(keys, "k1") == ["k1"]
    clock.advance(FRESH_FOR - timedelta(seconds=1))
    assert ids(keys, "k1") == ["k1"]
    assert issuer.fetched == 1

    clock.advance(timedelta(seconds=1))
    assert ids(keys, "k1") == ["k1"]
    assert issuer.fetched == 2


def test_a_new_key_is_found_as_soon_as_another_attempt_is_due(
    issuer: OidcIssuer, keys: IssuerKeys, clock: HandSetClock
) -> None:
    ids(keys, "k1")
    issuer.keys = [jwk(key("RSA/2"), kid="k2")]

    clock.advance(ATTEMPT_EVERY - timedelta(seconds=1))
    assert ids(keys, "k2") == []
    clock.advance(timedelta(seconds=1))
    assert ids(keys, "k2") == ["k2"]
    assert ids(keys, "k1") == []


def test_a_withdrawn_key_is_forgotten_once_it_is_not_fresh(
    issuer: OidcIssuer, keys: IssuerKeys, clock: HandSetClock
) -> None:
    ids(keys, "k1")
    issuer.keys = []

    clock.advance(FRESH_FOR)
    assert ids(keys, "k1") == []


def test_made_up_key_ids_cause_one_fetch_per_interval(
    issuer: OidcIssuer, keys: IssuerKeys, clock: HandSetClock
) -> None:
    for number in range(1000):
        assert ids(keys, f"made up {number}") == []
        clock.advance(timedelta(milliseconds=100))

    assert issuer.fetched == 100 / ATTEMPT_EVERY.total_seconds()


def test_made_up_key_ids_at_once_cause_one_fetch(issuer: OidcIssuer, keys: IssuerKeys) -> None:
    with ThreadPoolExecutor(32) as pool:
        assert not any(pool.map(lambda number: ids(keys, f"made up {number}"), range(1000)))

    assert issuer.fetched == 1


def test_known_keys_serve_on_while_the_issuer_fails(issuer: OidcIssuer, keys: IssuerKeys, clock: HandSetClock) -> None:
    ids(keys, "k1")
    issuer.answers["/keys"] = broken

    clock.advance(STALE_FOR)
    assert ids(keys, "k1") == ["k1"]
    asked = issuer.fetched
    assert ids(keys, "k1") == ["k1"]
    assert issuer.fetched == asked, "a failing issuer is not asked at every request"

    clock.advance(timedelta(seconds=1))
    with pytest.raises(IssuerUnreachableError, match="corp"):
        keys.find("k1")


def test_an_issuer_that_comes_back_is_believed_again(issuer: OidcIssuer, keys: IssuerKeys, clock: HandSetClock) -> None:
    issuer.answers["/keys"], working = broken, issuer.answers["/keys"]
    with pytest.raises(IssuerUnreachableError):
        keys.find("k1")
    issuer.answers["/keys"] = working
    with pytest.raises(IssuerUnreachableError):
        keys.find("k1")

    clock.advance(ATTEMPT_EVERY)
    assert ids(keys, "k1") == ["k1"]


def test_one_hiccup_is_got_over_within_the_attempt(issuer: OidcIssuer, keys: IssuerKeys) -> None:
    working = issuer.answers["/keys"]

    def idempotency() -> Answer:
        issuer.answers["/keys"] = working
        return broken()

    issuer.answers["/keys"] = idempotency

    assert ids(keys, "k1") == ["k1"]


def test_who_has_a_key_to_go_on_with_does_not_wait_for_the_fetch(
    issuer: OidcIssuer, keys: IssuerKeys, clock: HandSetClock
) -> None:
    ids(keys, "k1")
    asked, may_answer = threading.Event(), threading.Event()
    working = issuer.answers["/keys"]

    def slowly() -> Answer:
        asked.set()
        may_answer.wait(5)
        return working()

    issuer.answers["/keys"] = slowly
    clock.advance(FRESH_FOR)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(ids, keys, "k1")
        assert asked.wait(5)
        assert ids(keys, "k1") == ["k1"]
        assert not first.done()
        may_answer.set()
        assert first.result() == ["k1"]


def test_a_clock_that_is_set_back_does_not_make_keys_younger(
    issuer: OidcIssuer, keys: IssuerKeys, clock: HandSetClock
) -> None:
    ids(keys, "k1")
    issuer.keys = []

    clock.advance(-FRESH_FOR)
    assert ids(keys, "k1") == []


# --- an issuer that misbehaves -----------------------------------------------------------------------------------


def answer_bytes(content: bytes) -> Callable[[], Answer]:
    return lambda: (200, {"Content-Type": "application/json"}, content)


@pytest.mark.parametrize(
    "answer",
    [
        broken,
        lambda: (404, {}, b'{"keys": []}'),
        lambda: (204, {}, b""),
        lambda: (302, {"Location": "/keys2"}, b""),
        lambda: (301, {"Location": "https://login.example.com/keys"}, b'{"keys": []}'),
        answer_bytes(b""),
        answer_bytes(b"<html>"),
        answer_bytes(b"\xff\xfe"),
        answer_bytes(b"[]"),
        answer_bytes(b"null"),
        answer_bytes(b"{}"),
        answer_bytes(b'{"keys": {}}'),
        answer_bytes(b'{"keys": null}'),
        answer_bytes(b'{"keys": [], "keys": []}'),
        answer_bytes(b"[" * 200_000),
        answer_bytes(b'{"keys":' * 20_000),
        answer_bytes(b'{"keys": [' + b"9" * 5000 + b"]}"),
        answer_bytes(b'{"keys": []' + b" " * MAX_BYTES + b"}"),
        lambda: answer_json({"keys": [{}] * (MAX_KEYS + 1)}),
        lambda: (200, {"Content-Length": "-5"}, b"{"),
        lambda: (200, {"Content-Encoding": "gzip"}, b"\x1f\x8b\x08\0"),
        lambda: (200, {"X-Long": "x" * 70_000}, b'{"keys": []}'),
        lambda: (200, {"Transfer-Encoding": "chunked"}, b"not a length\r\n"),
    ],
)
def test_a_bad_answer_fails_and_harms_nothing(
    answer: Callable[[], Answer], issuer: OidcIssuer, keys: IssuerKeys, clock: HandSetClock
) -> None:
    ids(keys, "k1")
    clock.advance(FRESH_FOR)
    issuer.answers["/keys"] = answer

    assert ids(keys, "k1") == ["k1"]
    assert issuer.requests["/keys2"] == 0
    with pytest.raises(IssuerUnreachableError):
        keys_of(issuer, clock).find("k1")


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"issuer": "https://login.example.com", "jwks_uri": "{url}/keys"},
        {"issuer": "{url}/", "jwks_uri": "{url}/keys"},
        {"jwks_uri": "{url}/keys"},
        {"issuer": "{url}"},
        {"issuer": "{url}", "jwks_uri": None},
        {"issuer": "{url}", "jwks_uri": ["{url}/keys"]},
        {"issuer": "{url}", "jwks_uri": "/keys"},
        {"issuer": "{url}", "jwks_uri": "file:///etc/passwd"},
        {"issuer": "{url}", "jwks_uri": "http://169.254.169.254/latest/meta-data"},
        {"issuer": "{url}", "jwks_uri": "ftp://127.0.0.1/keys"},
    ],
)
def test_a_discovery_document_must_be_the_issuers_own(
    document: dict[str, object], issuer: OidcIssuer, keys: IssuerKeys
) -> None:
    issuer.answers[DISCOVERY] = answer_bytes(json.dumps(document).replace("{url}", issuer.url).encode())

    with pytest.raises(IssuerUnreachableError):
        keys.find("k1")
    assert issuer.fetched == 0


@pytest.mark.parametrize(
    "uri",
    ["http://127.0.0.1:9001/runtime", "http://keys.example.com", "file:///etc/passwd", "https://", "https://a@b", 1],
)
def test_a_discovery_document_sends_us_to_https_only(uri: object, clock: HandSetClock) -> None:
    asked: list[str] = []

    def fetch(url: str, _deadline: float) -> bytes:
        asked.append(url)
        return json.dumps({"issuer": "https://login.example.com", "jwks_uri": uri, "keys": []}).encode()

    with pytest.raises(IssuerUnreachableError):
        IssuerKeys(TrustedIssuer("corp", "https://login.example.com", ("signet",), "sub"), fetch, clock=clock).find(
            "k1"
        )
    assert asked == ["https://login.example.com/.well-known/openid-configuration"]


def test_an_endless_document_is_not_read_to_its_end(issuer: OidcIssuer) -> None:
    issuer.answers["/keys"] = answer_bytes(b" " * 50 * MAX_BYTES)

    with pytest.raises(UnreadableDocumentError, match="over 262144 bytes"):
        fetch_document(f"{issuer.url}/keys", time.monotonic() + 5)


def test_a_document_of_just_the_size_is_read(issuer: OidcIssuer) -> None:
    issuer.answers["/keys"] = answer_bytes(b" " * MAX_BYTES)

    assert len(fetch_document(f"{issuer.url}/keys", time.monotonic() + 5)) == MAX_BYTES


def test_a_server_that_takes_its_time_is_given_up(issuer: OidcIssuer, clock: HandSetClock) -> None:
    done, answered = threading.Event(), list[bool]()
    issuer.answers[DISCOVERY] = lambda: (answered.append(done.wait(60)), broken())[1]  # type: ignore[func-returns-value]
    keys = keys_of(issuer, clock, fetch_timeout=timedelta(milliseconds=200))

    with pytest.raises(IssuerUnreachableError):
        keys.find("k1")
    assert not answered
    # The thread that was given up is not joined by others.
    clock.advance(ATTEMPT_EVERY)
    with pytest.raises(IssuerUnreachableError):
        keys.find("k1")
    assert issuer.requests.total() == 1
    done.set()


def test_a_server_that_drips_is_given_up(issuer: OidcIssuer) -> None:
    fallen = list[int]()

    def drops() -> Iterator[bytes]:
        for number in range(1000):
            fallen.append(number)
            yield b" "
            time.sleep(0.02)

    issuer.answers["/keys"] = lambda: (200, {}, drops())
    started = time.monotonic()

    with pytest.raises(NoAnswerError, match="too long"):
        fetch_document(f"{issuer.url}/keys", started + 0.2)
    assert len(fallen) < 1000


def test_a_fault_of_ours_fails_the_attempt_and_is_told(clock: HandSetClock, capsys: pytest.CaptureFixture[str]) -> None:
    def fetch(_url: str, _deadline: float) -> bytes:
        raise ZeroDivisionError

    with pytest.raises(IssuerUnreachableError):
        IssuerKeys(TrustedIssuer("corp", "https://login.example.com", ("signet",), "sub"), fetch, clock=clock).find(
            "k1"
        )
    assert "IssuerKeysUnavailable" in capsys.readouterr().out


def test_nobody_there_is_no_answer() -> None:
    with running_issuer() as gone:
        url = gone.url

    with pytest.raises(NoAnswerError, match="ConnectionRefusedError"):
        fetch_document(f"{url}/keys", time.monotonic() + 5)


def test_https_is_not_answered_by_plain_http(issuer: OidcIssuer) -> None:
    with pytest.raises(NoAnswerError, match="SSL"):
        fetch_document(issuer.url.replace("http:", "https:") + "/keys", time.monotonic() + 5)


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[str]:
    """A web server behind TLS, whose certificate is for `localhost`; made by itself into `localhost.pem`."""
    private_key = key("P-256")
    assert isinstance(private_key, ec.EllipticCurvePrivateKey)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private_key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(private_key, hashes.SHA256())
    )
    (tmp_path / "localhost.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    key_file = tmp_path / "localhost.key"
    key_file.write_bytes(private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "localhost.pem", key_file)
    with running_issuer(tls) as running:
        yield running.url.replace("http://127.0.0.1", "https://localhost")


@pytest.mark.clock
def test_a_server_proves_who_it_is(secure: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NoAnswerError, match="SSLCertVerificationError"):
        fetch_document(f"{secure}/keys", time.monotonic() + 5)

    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "localhost.pem"))
    assert fetch_document(f"{secure}/keys", time.monotonic() + 5) == b'{"keys": []}'
    with pytest.raises(NoAnswerError, match="SSLCertVerificationError"):
        fetch_document(secure.replace("localhost", "127.0.0.1") + "/keys", time.monotonic() + 5)


def test_an_authorizer_has_an_answer_before_api_gateway_gives_up() -> None:
    assert timedelta(seconds=10) > FETCH_TIMEOUT * 2


# --- key sets ----------------------------------------------------------------------------------------------------


def usable(*entries: object) -> list[str]:
    return [found.kind for found in parse_key_set(json.dumps({"keys": entries}).encode())]


def test_what_is_no_key_is_passed_over() -> None:
    good = jwk(key("P-256"), kid="k1")

    assert usable(1, None, [], {}, "x", {"kty": "EC"}, {"kty": 1}, {"kty": ["RSA"]}, good, {"kty": "future"}) == [
        "P-256"
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"n": None},
        {"n": ""},
        {"n": 5},
        {"n": "AQAB"},
        {"e": ""},
        {"e": "AA"},
        {"e": "Ag"},
        {"e": base64url(b"\xff" * 300)},
        {"n": base64url(b"\xff" * 2000)},
        {"n": "é"},
        {"crv": "P-256"},
        {"kty": "rsa"},
        {"kid": 1},
        {"d": "AQAB"},
        {"use": ["sig"]},
        {"key_ops": []},
        {"key_ops": None},
    ],
)
def test_an_rsa_key_that_cannot_be_used_is_passed_over(changes: dict[str, object]) -> None:
    assert usable(jwk(key("RSA"), **changes)) == []


@pytest.mark.parametrize(
    "changes", [{"x": "AA"}, {"y": None}, {"crv": "P-384"}, {"x": base64url(b"\1" * 32)}, {"kty": "OKP"}]
)
def test_an_elliptic_curve_key_that_cannot_be_used_is_passed_over(changes: dict[str, object]) -> None:
    assert usable(jwk(key("P-256"), **changes)) == []


@pytest.mark.parametrize("changes", [{"x": "AA"}, {"x": None}, {"crv": "Ed448"}, {"crv": "X25519"}])
def test_an_edwards_curve_key_that_cannot_be_used_is_passed_over(changes: dict[str, object]) -> None:
    assert usable(jwk(key("Ed25519"), **changes)) == []


# --- what operators are told -------------------------------------------------------------------------------------


def test_a_key_that_is_not_known_while_the_issuer_fails_may_be_a_new_one(
    issuer: OidcIssuer, keys: IssuerKeys, clock: HandSetClock
) -> None:
    ids(keys, "k1")
    issuer.answers["/keys"] = broken

    clock.advance(ATTEMPT_EVERY)
    with pytest.raises(IssuerUnreachableError):
        keys.find("k2")
    assert ids(keys, "k1") == ["k1"]


def test_health_looks_once_a_minute_whoever_asks(issuer: OidcIssuer, keys: IssuerKeys, clock: HandSetClock) -> None:
    for _ in range(10):
        assert keys.look() is None
    clock.advance(LOOK_EVERY - timedelta(seconds=1))
    assert keys.look() is None
    assert issuer.fetched == 1

    issuer.answers["/keys"] = broken
    clock.advance(timedelta(seconds=1))
    assert keys.look() == "the answer is 500"
    working = {"keys": issuer.keys}
    issuer.answers["/keys"] = lambda: answer_json(working)
    assert keys.look() == "the answer is 500", "the verdict is kept"
    clock.advance(LOOK_EVERY)
    assert keys.look() is None


def test_health_sees_at_once_what_known_keys_still_hide(
    issuer: OidcIssuer, keys: IssuerKeys, clock: HandSetClock
) -> None:
    ids(keys, "k1")
    issuer.answers["/keys"] = broken

    clock.advance(LOOK_EVERY)
    assert keys.look() is not None
    assert ids(keys, "k1") == ["k1"]


def test_a_key_set_without_a_usable_key_is_told(
    issuer: OidcIssuer, keys: IssuerKeys, capsys: pytest.CaptureFixture[str]
) -> None:
    issuer.keys = [jwk(key("RSA"), kid="k1", use="enc")]

    assert keys.look() == "its key set has no key that tokens can be checked with"
    assert "IssuerKeysUnavailable" in capsys.readouterr().out
