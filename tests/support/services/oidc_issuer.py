"""An OIDC issuer on this machine for tests: real keys, real tokens, a real web server that can be told to misbehave."""

import base64
import json
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from jwt.api_jws import PyJWS

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


@cache
def key(name: str) -> PrivateKey:
    """The private key called `name`, made once: `RSA`, `RSA-1024`, `P-256`, `Ed25519`; `RSA/x` is another."""
    kind = name.partition("/")[0]
    match kind:
        case "P-256":
            return ec.generate_private_key(ec.SECP256R1())
        case "P-384":
            return ec.generate_private_key(ec.SECP384R1())
        case "P-521":
            return ec.generate_private_key(ec.SECP521R1())
        case "Ed25519":
            return ed25519.Ed25519PrivateKey.generate()
        case _:
            return rsa.generate_private_key(65537, int(kind.removeprefix("RSA-")) if "-" in kind else 2048)


def jwk(private_key: PrivateKey, **members: object) -> dict[str, Any]:
    """The public half as a JWK."""
    public_key = private_key.public_key()
    made: dict[str, Any]
    if isinstance(public_key, rsa.RSAPublicKey):
        made = RSAAlgorithm.to_jwk(public_key, as_dict=True)
    elif isinstance(public_key, ec.EllipticCurvePublicKey):
        made = ECAlgorithm.to_jwk(public_key, as_dict=True)
    else:
        made = OKPAlgorithm.to_jwk(public_key, as_dict=True)
    made.pop("key_ops", None)
    return made | members


def base64url(content: bytes) -> str:
    """RFC 7515, 2."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def part(value: object) -> str:
    """One part of a token."""
    return base64url(json.dumps(value).encode())


def signed(claims: object, private_key: PrivateKey, algorithm: str = "RS256", **header: object) -> str:
    """A token, genuinely signed; a header given as None is left out."""
    content = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    # PyJWS sets `typ`; an empty one is left out.
    given = {name: "" if value is None and name == "typ" else value for name, value in header.items()}
    return PyJWS().encode(
        content,
        private_key,
        algorithm,
        headers={name: value for name, value in given.items() if value is not None},
    )


Answer = tuple[int, Mapping[str, str], bytes | Iterable[bytes]]
"""Status, headers and body; a body in pieces is sent piece by piece."""


def answer_json(document: object) -> Answer:
    """A document as a well-behaved issuer serves it."""
    return 200, {"Content-Type": "application/json"}, json.dumps(document).encode()


class OidcIssuer:
    """A web server with a discovery document and a JWK set."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.keys: list[object] = []
        self.requests: Counter[str] = Counter()
        self.answers: dict[str, Callable[[], Answer]] = {
            "/.well-known/openid-configuration": lambda: answer_json(
                {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}
            ),
            "/keys": lambda: answer_json({"keys": self.keys}),
        }
        """What each path answers; replace one to misbehave."""

    @property
    def fetched(self) -> int:
        """How often the keys were asked for."""
        return self.requests["/keys"]


@contextmanager
def running_issuer(tls: ssl.SSLContext | None = None) -> Iterator[OidcIssuer]:
    """An issuer that answers until the end of the block, behind TLS if told so."""

    class Handler(BaseHTTPRequestHandler):
        def handle(self) -> None:
            # A client that does not like our certificate hangs up, as it should.
            with suppress(OSError):
                super().handle()

        def do_GET(self) -> None:
            with lock:
                issuer.requests[self.path] += 1
            try:
                status, headers, body = issuer.answers[self.path]()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                for piece in [body] if isinstance(body, bytes) else body:
                    self.wfile.write(piece)
            except OSError:
                pass  # The reader has had enough, as it should.

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    lock = threading.Lock()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    issuer = OidcIssuer(f"http://127.0.0.1:{server.server_port}")
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
