"""Sample certificates to look at, made at start and brought in through the service's own HTTP interface."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509.oid import NameOID

from local.oidc.local_issuer import LocalIssuer

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

FILE_PASSWORD = "sample"  # noqa: S105  of files that exist for a moment, with keys made for show
PIN = "2468"
OWNER = "local/alice"


@dataclass(frozen=True)
class Sample:
    """One certificate to import."""

    alias: str
    description: str
    begins: timedelta
    """From now; negative for the past."""
    ends: timedelta
    rsa: bool = False
    disabled: bool = False
    overrides: Mapping[str, Any] = field(default_factory=dict)
    """Further fields of the import."""


SAMPLES = (
    Sample("release", "Signs releases", timedelta(days=-35), timedelta(days=330), rsa=True),
    Sample("nightly", "Expires in twelve days", timedelta(days=-353), timedelta(days=12, hours=1)),
    Sample("archive", "Expired last month", timedelta(days=-395), timedelta(days=-30)),
    Sample("retired", "Disabled", timedelta(days=-100), timedelta(days=265), disabled=True),
    Sample(
        "production",
        f"Asks for a PIN, which is {PIN}, and for a reason",
        timedelta(days=-10),
        timedelta(days=355),
        overrides={"pin": PIN, "ask_for_reason": True},
    ),
)


def seed(url: str, issuer: LocalIssuer, log: Callable[[str], None]) -> int:
    """Bring the samples into the service at `url`; how many came in. What goes wrong is told to `log`."""
    authority = _Authority()
    service = _Service(url, issuer.token("sample-data", ["administrators"]))
    count = 0
    for sample in SAMPLES:
        body = {
            "content": base64.b64encode(authority.issue(sample)).decode(),
            "password": FILE_PASSWORD,
            "alias": sample.alias,
            "description": sample.description,
            "owner": OWNER,
            **sample.overrides,
        }
        status, answer = service.post("/v1/certificates", body)
        if status == http.client.CREATED and sample.disabled:
            status, answer = service.post(f"/v1/certificates/{answer['id']}/disable")
        if status in {http.client.OK, http.client.CREATED}:
            count += 1
        else:
            log(f"the sample certificate {sample.alias} did not come in: {status} {json.dumps(answer)}")
    service.close()
    return count


class _Authority:
    """A CA of this moment: a root, and one below it that issues."""

    def __init__(self) -> None:
        self._now = datetime.now(UTC).replace(microsecond=0)
        root_key, self._key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        root_name, self._name = _name("Example Root CA"), _name("Example Issuing CA")
        years = timedelta(days=3650)
        root = self._certificate(root_name, root_key.public_key(), root_name, root_key, -years, years, ca=True)
        issuing = self._certificate(self._name, self._key.public_key(), root_name, root_key, -years, years, ca=True)
        self._chain = [issuing, root]

    def issue(self, sample: Sample) -> bytes:
        """A PKCS#12 file with a new key, its certificate and the path up to the root."""
        key: PrivateKey = (
            rsa.generate_private_key(65537, 2048) if sample.rsa else ec.generate_private_key(ec.SECP256R1())
        )
        name = _name(f"Example {sample.alias}")
        certificate = self._certificate(name, key.public_key(), self._name, self._key, sample.begins, sample.ends)
        return serialize_key_and_certificates(
            sample.alias.encode(), key, certificate, self._chain, BestAvailableEncryption(FILE_PASSWORD.encode())
        )

    def _certificate(
        self,
        subject: x509.Name,
        public_key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey,
        issuer: x509.Name,
        issuer_key: ec.EllipticCurvePrivateKey,
        begins: timedelta,
        ends: timedelta,
        *,
        ca: bool = False,
    ) -> x509.Certificate:
        usage = x509.KeyUsage(
            digital_signature=not ca,
            content_commitment=not ca,
            key_cert_sign=ca,
            crl_sign=ca,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )
        issuer_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now + begins)
            .not_valid_after(self._now + ends)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
            .add_extension(issuer_id, critical=False)
            .sign(issuer_key, hashes.SHA256())
        )


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "US"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example Corp"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


class _Service:
    """The service as an administrator calls it."""

    def __init__(self, url: str, token: str) -> None:
        self._connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=30)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> tuple[int, Any]:
        content = None if body is None else json.dumps(body).encode()
        self._connection.request("POST", path, content, self._headers)
        answer = self._connection.getresponse()
        return answer.status, json.loads(answer.read() or b"null")

    def close(self) -> None:
        self._connection.close()
