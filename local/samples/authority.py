"""The CA of the samples, made anew at each start: a root, and one below it that issues."""

from __future__ import annotations

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509.oid import NameOID

from local.samples.certificates import Sample

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

FILE_PASSWORD = "sample"  # noqa: S105  of files that exist for a moment, with keys made for show


class Authority:
    """A CA of this moment: a root, and one below it that issues."""

    def __init__(self, now: datetime) -> None:
        self._now = now.replace(microsecond=0)
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
