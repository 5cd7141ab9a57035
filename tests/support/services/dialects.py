"""Requests as the clients of Vault and AWS KMS send them, and openssl to say what a signature is worth."""

import json
import subprocess
from base64 import b64decode, b64encode, urlsafe_b64decode
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.support.services.over_http import Client, Response, Service

MESSAGE = b"What is signed, by programs that know nothing of Signet.\n" * 20


def b64(content: bytes) -> str:
    """Standard base64, as text."""
    return b64encode(content).decode()


class Dialect:
    """Somebody who calls as the clients of another service do."""

    def __init__(self, signet: Service, user: str, *groups: str, expires_in: int = 3600) -> None:
        self.token = signet.stack.issuer.token(user, groups, expires_in=expires_in)
        self._client = Client(signet.stack.url, None)

    def send(self, method: str, path: str, body: object, headers: Mapping[str, str]) -> Response:
        """One request; a body that is no bytes goes as JSON."""
        content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        return self._client.send(method, quote(path), content, headers)


class Vault(Dialect):
    """As the Go client of Vault sends it: PUT, and the token in a header of its own."""

    def write(self, path: str, body: object, *, method: str = "PUT", **headers: str) -> Response:
        """What `vault write transit/<path>` sends."""
        return self.send(method, f"/v1/transit/{path}", body, self._headers() | headers)

    def read(self, path: str) -> Response:
        """What `vault read transit/<path>` sends."""
        return self.send("GET", f"/v1/transit/{path}", None, self._headers())

    def _headers(self) -> dict[str, str]:
        return {"X-Vault-Request": "true", "X-Vault-Token": self.token, "User-Agent": "Go-http-client/1.1"}


class Kms(Dialect):
    """As an AWS SDK sends it."""

    def ask(self, action: str, **parameters: Any) -> Response:
        """What the SDK sends for `action`."""
        return self.send("POST", "/", parameters, self.headers(f"TrentService.{action}"))

    def headers(self, target: str) -> dict[str, str]:
        """Those of a request to AWS, whose own signature means nothing here."""
        return {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": target,
            "X-Amz-Security-Token": self.token,
            "X-Amz-Date": "20261126T130000Z",
            "Authorization": "AWS4-HMAC-SHA256 Credential=any/20261126/us-east-1/kms/aws4_request, "
            "SignedHeaders=host;x-amz-date;x-amz-security-token;x-amz-target, Signature=" + "0" * 64,
        }


def openssl_takes(public_key: str, digest: str, pss: bool, signature: bytes, message: bytes, folder: Path) -> bool:
    """Whether `openssl` takes `signature` for one of `message` by `public_key`, PEM; `digest` as `sha256`."""
    files = {"key.pem": public_key.encode(), "signature": signature, "message": message}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    command = ["dgst", f"-{digest}"] if digest else ["pkeyutl", "-verify", "-pubin", "-rawin", "-inkey", "key.pem"]
    if digest:
        command += ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"] if pss else []
        command += ["-verify", "key.pem", "-signature", "signature", "message"]
    else:
        command += ["-sigfile", "signature", "-in", "message"]
    return subprocess.run(["openssl", *command], cwd=folder, capture_output=True, check=False).returncode == 0


def flipped(signature: bytes) -> bytes:
    """`signature` with one bit of its last octet flipped."""
    return signature[:-1] + bytes((signature[-1] ^ 1,))


def signature_in(text: str) -> bytes:
    """What stands behind `vault:v<n>:`, in either alphabet."""
    encoded = text.split(":")[2]
    if "-" in encoded or "_" in encoded or len(encoded) % 4:
        return urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    return b64decode(encoded)


def pem_of(der: bytes) -> str:
    """A public key, DER, as openssl reads it."""
    text = b64(der)
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join(("-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""))


def uses_of(admin: Client, certificate: Mapping[str, Any]) -> tuple[int, int]:
    """How many signatures are counted, and how many are recorded."""
    path = f"/certificates/{certificate['id']}"
    events = admin.good("GET", "/events", certificate=certificate["id"], type="Certificate Used", limit=200)["items"]
    return admin.good("GET", path)["usage_count"], len(events)
