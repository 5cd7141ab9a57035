"""Addresses in a certificate are shown and never asked: who uploads a file sends us nowhere."""

import socket
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from tests.support.certificates.issued import a_key, authority, in_base64, unused_name
from tests.support.services.over_http import Client, at


def certificate_that_names(url: str) -> bytes:
    """A certificate, DER, with `url` wherever a certificate may say where something is to be had."""
    key, now, uri = a_key(), datetime.now(UTC), x509.UniformResourceIdentifier(url)
    points = [x509.DistributionPoint([uri], None, None, None)]
    access = AuthorityInformationAccessOID
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, unused_name("addresses"))]))
        .issuer_name(authority().certificate.subject)
        .serial_number(x509.random_serial_number())
        .public_key(key.public_key())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=20))
        .add_extension(x509.CRLDistributionPoints(points), critical=False)
        .add_extension(x509.FreshestCRL(points), critical=False)
        .add_extension(
            x509.AuthorityInformationAccess(
                [x509.AccessDescription(access.OCSP, uri), x509.AccessDescription(access.CA_ISSUERS, uri)]
            ),
            critical=False,
        )
        .sign(authority().key, hashes.SHA256())
        .public_bytes(Encoding.DER)
    )


def test_nobody_is_asked_at_the_addresses_in_a_certificate(admin: Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/latest/meta-data/"
        body = {"content": in_base64(certificate_that_names(url)), "alias": unused_name()}

        made = admin.good("POST", "/certificates", body)
        details = admin.get(at(made["id"], "details"))
        admin.good("POST", at(made["id"], "renew"), {})

        assert url in details.body.decode()
        with pytest.raises(BlockingIOError):
            listener.accept()
