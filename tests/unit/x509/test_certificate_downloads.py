"""A certificate can be taken away in four formats that everybody reads, and never with its key."""

import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs7

from signet.adapters.certificate_files.certificate_file import read_certificate_file
from signet.adapters.cryptography.certificate_downloads import DownloadFormat, download
from tests.support.certificates.forged_files import Issued, issue

ROOT = issue("Root")
MIDDLE = issue("Middle", by=ROOT)
LEAF = issue("Leaf", by=MIDDLE, ca=False)
CHAIN = (MIDDLE.der, ROOT.der)


def openssl(*arguments: str, stdin: bytes) -> bytes:
    return subprocess.run(["openssl", *arguments], input=stdin, check=True, capture_output=True).stdout


def test_der_is_the_certificate_itself() -> None:
    assert download(LEAF.der, CHAIN, "der") == LEAF.der


def test_pem_is_what_openssl_writes() -> None:
    assert download(LEAF.der, CHAIN, "pem") == openssl("x509", "-inform", "DER", stdin=LEAF.der)


def test_pem_chain_has_the_certificate_first_and_then_its_path() -> None:
    content = download(LEAF.der, CHAIN, "pem_chain")
    assert x509.load_pem_x509_certificates(content) == [LEAF.certificate, MIDDLE.certificate, ROOT.certificate]


@pytest.mark.parametrize("chain", [(), CHAIN])
def test_pkcs7_is_read_by_openssl_and_pyca(chain: tuple[bytes, ...]) -> None:
    content = download(LEAF.der, chain, "pkcs7")
    printed = openssl("pkcs7", "-inform", "DER", "-print_certs", stdin=content).decode()

    assert printed.count("BEGIN CERTIFICATE") == 1 + len(chain)
    assert "subject=CN = Leaf" in printed or "subject=CN=Leaf" in printed
    assert LEAF.certificate in pkcs7.load_der_pkcs7_certificates(content)
    assert openssl("pkcs7", "-inform", "DER", "-outform", "DER", stdin=content) == content


@pytest.mark.parametrize("file_format", ["der", "pem", "pem_chain", "pkcs7"])
@pytest.mark.parametrize("issued", [LEAF, ROOT])
def test_what_was_downloaded_can_be_imported_again(file_format: DownloadFormat, issued: Issued) -> None:
    chain = CHAIN if issued is LEAF else ()
    file = read_certificate_file(
        download(issued.der, chain, file_format), password=None, private_key=None, private_key_password=None
    )
    assert file.certificate == issued.der
    assert file.chain == (chain if file_format in {"pem_chain", "pkcs7"} else ())
    assert file.private_key is None
