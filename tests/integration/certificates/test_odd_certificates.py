"""Whatever a certificate says, once it is in it is shown, downloaded and renewed: never a fault of ours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cryptography_vectors
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from local.lambda_service.lambda_runtime import Context, load_handler
from signet.adapters.dynamodb.database import put
from signet.adapters.dynamodb.rows.certificate_rows import X509
from signet.adapters.dynamodb.tables import CertificateRow
from signet.wiring import wiring
from tests.support.certificates.certification_authority import told_of_csr
from tests.support.certificates.issued import a_key, authority, in_base64, issue, unused_name
from tests.support.services.in_process import InProcess, running
from tests.support.services.over_http import at

VECTORS = sorted(
    path
    for path in (Path(cryptography_vectors.__file__).parent / "x509").rglob("*.*")
    if path.suffix in {".pem", ".der", ".crt", ".cer"}
)

BROKEN = {
    "no DER": b"\xff\xff",
    "nothing": b"",
    "cut off": b"\x30\x0a\x82\x03abc",
    "bytes behind": b"\x30\x05\x82\x03abc\x00",
    "of another type": b"\x04\x02\x30\x00",
    "an address of five bytes": b"\x30\x07\x87\x05abcde",
    "deep": b"\x30\x80" * 40,
}
EXTENSIONS = {
    "2.5.29.15": "key_usage_left_out",
    "2.5.29.17": "names_left_out",
    "2.5.29.37": "usages_left_out",
    "2.5.29.14": None,
    "2.5.29.19": None,
    "2.5.29.31": None,
    "2.5.29.35": None,
    "1.3.6.1.5.5.7.1.1": None,
}


@pytest.fixture(scope="module")
def signet() -> Iterator[InProcess]:
    with running() as signet:
        yield signet


def a_certificate(*extensions: x509.ExtensionType, days: float = 20) -> bytes:
    """A certificate, DER, whose extensions say just this."""
    key, now = a_key(), datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, unused_name("odd"))]))
        .issuer_name(authority().certificate.subject)
        .serial_number(x509.random_serial_number())
        .public_key(key.public_key())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
    )
    for each in extensions:
        builder = builder.add_extension(each, critical=False)
    return builder.sign(authority().key, hashes.SHA256()).public_bytes(Encoding.DER)


def broken(oid: str, value: bytes) -> x509.UnrecognizedExtension:
    return x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), value)


def bring(signet: InProcess, content: bytes, **fields: Any) -> dict[str, Any]:
    body = {"content": in_base64(content), "alias": unused_name("odd"), **fields}
    made: dict[str, Any] = signet.admin.good("POST", "/certificates", body)
    return made


def is_shown(signet: InProcess, certificate: dict[str, Any]) -> None:
    admin = signet.admin
    assert admin.get(at(certificate["id"])).status == 200
    assert admin.get(at(certificate["id"], "details")).status == 200
    for form in ("der", "pem", "pem_chain", "pkcs7"):
        assert admin.get(at(certificate["id"], "download"), format=form).status == 200


def test_what_no_import_takes_but_a_store_may_hold_is_told_as_unreadable(signet: InProcess) -> None:
    made = bring(signet, a_certificate())
    row = CertificateRow(made["id"], X509, x509=b"\x30\x03\x02\x01\x05")
    wiring().database.commit([put(row)])

    shown = signet.admin.get(at(made["id"], "details"))

    assert (shown.status, shown.code) == (422, "unreadable_file")
    documented = signet.admin.good("GET", "/openapi.json")["paths"]["/v1/certificates/{certificate}/details"]["get"]
    assert str(shown.status) in documented["responses"]
    # It can still be looked at and taken out.
    assert signet.admin.get(at(made["id"])).status == 200
    assert signet.admin.delete(at(made["id"])).status == 204


@pytest.mark.one_in(5)
@pytest.mark.parametrize("value", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize(("oid", "warning"), EXTENSIONS.items())
def test_a_certificate_with_a_broken_extension_is_shown_and_renewed(
    signet: InProcess, oid: str, warning: str | None, value: bytes
) -> None:
    made = bring(signet, a_certificate(broken(oid, value)))
    is_shown(signet, made)

    renewed = signet.admin.post(at(made["id"], "renew"), {})

    assert renewed.status == 201, renewed
    told = [] if warning is None else [warning]
    assert renewed.json["warnings"] == told
    assert signet.admin.good("GET", f"/signing-requests/{renewed.json['id']}")["warnings"] == told
    event = signet.admin.items(at(made["id"], "events"), type="Signing Request Created")[0]
    assert event["detail"]["warnings"] == told
    assert f"Subject: CN={made['subject'].removeprefix('CN=')}" in told_of_csr(renewed.json["csr"])


def test_a_renewal_of_broken_extensions_is_completed_by_an_answer_without_them(signet: InProcess) -> None:
    made = bring(signet, a_certificate(*(broken(oid, b"\xff") for oid in EXTENSIONS)))
    request = signet.admin.good("POST", at(made["id"], "renew"), {})
    csr = x509.load_pem_x509_csr(request["csr"].encode())
    answer = issue(public_key=csr.public_key(), name=csr.subject)
    path = f"/signing-requests/{request['id']}/certificate"
    new = signet.admin.good("POST", path, {"content": in_base64(answer.pem + answer.chain_pem)})
    assert (new["renews"], new["warnings"]) == (made["id"], [])


def test_an_answer_with_broken_extensions_is_taken_and_corrected(signet: InProcess) -> None:
    body = {"key_algorithm": "ECC_NIST_P256", "subject": {"common_name": unused_name("odd")}}
    request = signet.admin.good("POST", "/signing-requests", body)
    csr = x509.load_pem_x509_csr(request["csr"].encode())
    path = f"/signing-requests/{request['id']}/certificate"
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(csr.subject)
        .issuer_name(csr.subject)
        .serial_number(x509.random_serial_number())
        .public_key(csr.public_key())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=9))
    )
    for oid in EXTENSIONS:
        builder = builder.add_extension(broken(oid, b"\xff"), critical=False)
    odd = builder.sign(authority().key, hashes.SHA256()).public_bytes(Encoding.PEM)

    made = signet.admin.good("POST", path, {"content": in_base64(odd)})
    is_shown(signet, made)
    assert made["warnings"] == ["issuer_unknown"]
    corrected = signet.admin.post(
        path, {"content": in_base64(issue(public_key=csr.public_key(), name=csr.subject).pem)}
    )
    assert corrected.status == 200, corrected


def test_the_expiry_check_asks_for_the_renewal_of_one_with_broken_extensions(signet: InProcess) -> None:
    content = a_certificate(*(broken(oid, b"\xff") for oid in EXTENSIONS))
    made = bring(signet, content, renew_at_stage=30)
    function = signet.functions["CheckExpiryFunction"]
    deadline = signet.clock.monotonic() + function.timeout
    event = {"time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"}
    report = load_handler(function)(event, Context(function, "check", deadline))
    assert report["failed"] == 0
    waiting = signet.admin.good("GET", at(made["id"]))["pending_request"]
    assert signet.admin.good("GET", f"/signing-requests/{waiting}")["warnings"] == [
        "names_left_out",
        "usages_left_out",
        "key_usage_left_out",
    ]


@pytest.mark.soak
def test_every_certificate_that_comes_in_is_shown_and_renewed(signet: InProcess) -> None:
    seen = 0
    for path in VECTORS:
        content = path.read_bytes()
        body = {"content": in_base64(content), "alias": unused_name("vector")}
        brought = signet.admin.post("/certificates", body)
        assert brought.status < 500, (path, brought)
        if brought.status != 201:
            continue
        is_shown(signet, brought.json)
        renewed = signet.admin.post(at(brought.json["id"], "renew"), {"key_algorithm": "ED25519"})
        assert renewed.status == 201, (path, renewed)
        seen += 1
    assert seen > 150
