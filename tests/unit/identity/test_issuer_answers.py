"""What an issuer answers is read to a bound, within a time, over HTTPS alone; and bad answers harm nothing."""

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
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
    MAX_BYTES,
    MAX_KEYS,
    IssuerKeys,
    NoAnswerError,
    UnreadableDocumentError,
    fetch_document,
)
from signet.domain.access.trusted_issuer import TrustedIssuer
from signet.domain.errors import IssuerUnreachableError
from tests.support.services.oidc_issuer import Answer, OidcIssuer, answer_json, key, running_issuer
from tests.unit.identity.kept_keys import DISCOVERY, HandSetClock, broken, ids, keys_of


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
