"""Files that other programs write by default are read, and what people take for one is called by its name."""

import shutil
import subprocess
from base64 import encodebytes
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    pkcs12,
)

from signet.domain.asn1.writer import element
from tests.support.certificates import forged_files as forged
from tests.support.certificates.forged_files import Issued, issue
from tests.unit.certificate_files.reading import read, refused

FILES = Path(__file__).parents[2] / "tool_files"
PASSWORD = "pw"


@pytest.fixture(scope="module")
def root() -> Issued:
    return issue("Root")


@pytest.fixture(scope="module")
def leaf(root: Issued) -> Issued:
    return issue("Leaf", by=root, ca=False)


def in_pem(content: bytes, label: str) -> bytes:
    return f"-----BEGIN {label}-----\n{encodebytes(content).decode()}-----END {label}-----\n".encode()


# --- what programs wrote -----------------------------------------------------------------------------------------


@pytest.mark.one_in(3)
@pytest.mark.parametrize(
    ("name", "password", "chain"),
    [
        ("ct.aes-256.p12", PASSWORD, 2),
        ("ct.sha512.p12", PASSWORD, 1),
        ("ct.armored.p12", PASSWORD, 0),
        ("ct.null.p12", None, 0),
        ("ct.null.p12", "", 0),
        ("nss.3des.p12", PASSWORD, 2),
        ("ossl10.p12", "pässwörd€", 0),
        ("both.p12", PASSWORD, 0),
        ("bom_before_key.pem", None, 0),
    ],
)
def test_a_file_as_a_program_wrote_it_comes_with_its_key_and_its_path(
    name: str, password: str | None, chain: int
) -> None:
    file = read((FILES / name).read_bytes(), password)
    assert file.private_key is not None
    assert len(file.chain) == chain


@pytest.mark.parametrize("name", ["ct.aes-256.p12", "nss.3des.p12", "ossl10.p12"])
def test_a_wrong_password_is_still_told_from_none(name: str) -> None:
    content = (FILES / name).read_bytes()
    assert refused(content, "guess")[0] == "wrong_password"
    assert refused(content)[0] == "password_required"


def test_of_two_certificates_of_the_key_its_local_key_id_decides() -> None:
    file = read((FILES / "both.p12").read_bytes(), PASSWORD)
    assert file.facts.issuer != file.facts.subject
    assert file.friendly_name == "chosen"


def test_without_a_local_key_id_nothing_decides_between_two_certificates_of_the_key(leaf: Issued) -> None:
    old = issue("Leaf", key=leaf.key)
    bags = [forged.certificate_bag(leaf.der), forged.certificate_bag(old.der), forged.bag(forged.KEY_BAG, leaf.pkcs8)]
    assert refused(forged.pkcs12(forged.open_part(*bags)))[0] == "several_certificates"


needs_certtool = pytest.mark.skipif(shutil.which("certtool") is None, reason="not installed: certtool")
needs_keytool = pytest.mark.skipif(shutil.which("keytool") is None, reason="not installed: keytool")
needs_nss = pytest.mark.skipif(shutil.which("pk12util") is None, reason="not installed: pk12util")


def run(*command: str | Path) -> None:
    subprocess.run([str(part) for part in command], check=True, capture_output=True, timeout=300)


@pytest.fixture
def folder(tmp_path: Path, leaf: Issued, root: Issued) -> Path:
    (tmp_path / "leaf.pem").write_bytes(leaf.pem)
    (tmp_path / "key.pem").write_bytes(leaf.key_pem)
    (tmp_path / "root.pem").write_bytes(root.pem)
    return tmp_path


@needs_certtool
@pytest.mark.one_in(5)
@pytest.mark.parametrize("form", [["--outder"], []], ids=["der", "armoured"])
@pytest.mark.parametrize("cipher", ["aes-128", "aes-256", "3des", "3des-pkcs12", "rc2-40", "arcfour"])
def test_certtool_s_files_are_read_with_every_cipher(
    cipher: str, form: list[str], folder: Path, leaf: Issued, root: Issued
) -> None:
    # A chain under the slowest of its old ciphers, which is no default, is beyond two seconds.
    path: list[str | Path] = [] if cipher == "3des-pkcs12" else ["--load-ca-certificate", folder / "root.pem"]
    run(
        "certtool", "--to-p12", *form, "--load-certificate", folder / "leaf.pem", "--load-privkey", folder / "key.pem",
        *path, "--pkcs-cipher", cipher, "--password", "pässwörd",
        "--p12-name", "named", "--outfile", folder / "it.p12",
    )  # fmt: skip
    file = read((folder / "it.p12").read_bytes(), "pässwörd")
    assert (file.certificate, file.chain, file.private_key) == (leaf.der, (root.der,) if path else (), leaf.pkcs8)
    assert file.friendly_name == "named"


@needs_nss
@pytest.mark.one_in(5)
@pytest.mark.parametrize("cipher", [[], ["-c", "PKCS #12 V2 PBE With SHA-1 And 40 Bit RC2 CBC"], ["-c", "AES-128-CBC"]])
@pytest.mark.parametrize("password", [PASSWORD, "pässwörd"])
def test_pk12util_s_files_are_read(password: str, cipher: list[str], folder: Path, leaf: Issued, root: Issued) -> None:
    encryption = BestAvailableEncryption(password.encode())
    assert isinstance(leaf.key, ec.EllipticCurvePrivateKey)
    (folder / "in.p12").write_bytes(
        pkcs12.serialize_key_and_certificates(b"named", leaf.key, leaf.certificate, [root.certificate], encryption)
    )
    database = f"sql:{folder}"
    run("certutil", "-N", "-d", database, "--empty-password")
    run("pk12util", "-i", folder / "in.p12", "-d", database, "-W", password)
    run("pk12util", "-o", folder / "it.p12", "-n", "named", "-d", database, "-W", password, *cipher)
    file = read((folder / "it.p12").read_bytes(), password)
    assert (file.certificate, file.chain, file.private_key) == (leaf.der, (root.der,), leaf.pkcs8)


@needs_keytool
def test_keytool_s_files_are_read(folder: Path) -> None:
    run(
        "keytool", "-genkeypair", "-alias", "mine", "-keyalg", "EC", "-groupname", "secp256r1", "-dname", "CN=Java",
        "-keystore", folder / "it.p12", "-storetype", "PKCS12", "-storepass", "changeit",
    )  # fmt: skip
    file = read((folder / "it.p12").read_bytes(), "changeit")
    assert (file.facts.subject, file.friendly_name) == ("CN=Java", "mine")
    assert file.private_key is not None


# --- behind the end ----------------------------------------------------------------------------------------------


def in_pkcs12(leaf: Issued) -> bytes:
    return forged.pkcs12(forged.open_part(forged.certificate_bag(leaf.der), forged.bag(forged.KEY_BAG, leaf.pkcs8)))


@pytest.mark.parametrize("behind", [bytes(8), b"\r\n", b"\n", b"  \t\n", b"\0\0\r\n" * 100])
def test_zeros_and_white_space_behind_a_binary_file_are_passed_over(behind: bytes, leaf: Issued) -> None:
    assert read(leaf.der + behind).certificate == leaf.der
    assert read(in_pkcs12(leaf) + behind).private_key == leaf.pkcs8
    assert read(forged.pkcs7(leaf.der) + behind).certificate == leaf.der
    assert read(in_pem(leaf.der + behind, "CERTIFICATE")).certificate == leaf.der
    key = in_pem(leaf.pkcs8 + behind, "PRIVATE KEY").decode()
    assert read(leaf.der, private_key=key).private_key == leaf.pkcs8


def test_anything_else_behind_a_file_is_named(leaf: Issued, root: Issued) -> None:
    for whole in (leaf.der, in_pkcs12(leaf), forged.pkcs7(leaf.der)):
        for behind, words in (
            (root.der, "another binary file"),
            (leaf.key_pem, "text in PEM"),
            (b"junk", "4 bytes behind the end"),
            (b"\0\0junk", "bytes behind the end"),
        ):
            code, text = refused(whole + behind)
            assert code == "unreadable_file"
            assert words in text


# --- PEM ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [
        lambda pem: b"".join(b"    " + line for line in pem.splitlines(keepends=True)),
        lambda pem: b"\t" + pem.replace(b"\n", b"\n\t"),
        lambda pem: pem.replace(b"\n", b"\r"),
        lambda pem: pem.replace(b"-----BEGIN", b"\xef\xbb\xbf-----BEGIN"),
        lambda pem: pem.replace(b"\n", b""),
        lambda pem: pem.replace(b"\n", b"\n\n"),
        lambda pem: b"certificate: " + pem,
        lambda pem: pem + bytes(8),
        lambda pem: b"Bag Attributes\n    friendlyName: front-end\n    localKeyID: 01 \nKey Attributes: <No>\n" + pem,
        lambda pem: b"---\n" + pem + b"--- end of it\n",
    ],
)
def test_pem_is_read_however_it_is_set(changed: Callable[[bytes], bytes], leaf: Issued) -> None:
    file = read(changed(leaf.pem + leaf.key_pem))
    assert (file.certificate, file.private_key) == (leaf.der, leaf.pkcs8)


@pytest.mark.parametrize(
    "changed",
    [
        lambda pem: b"    " + pem,
        lambda pem: b"\xef\xbb\xbf" + pem,
        lambda pem: b"# " + pem,
        lambda pem: pem.replace(b"\n", b"\r"),
        lambda pem: pem.replace(b"PRIVATE KEY", b"RSA PRIVATE KEY"),
        lambda pem: pem.replace(b"PRIVATE KEY", b"ANY PRIVATE KEY"),
        lambda pem: pem.replace(b"\n", b""),
    ],
)
def test_a_second_key_is_found_wherever_it_hides(changed: Callable[[bytes], bytes], leaf: Issued, root: Issued) -> None:
    assert refused(leaf.pem + leaf.key_pem + changed(root.key_pem))[0] == "several_keys"
    assert refused(changed(root.key_pem) + leaf.pem + leaf.key_pem)[0] == "several_keys"


@pytest.mark.parametrize(
    "changed",
    [
        lambda pem: pem.replace(b"-----BEGIN", b"----BEGIN"),
        lambda pem: pem.replace(b"-----BEGIN", b"----- BEGIN"),
        lambda pem: pem.replace(b"BEGIN", b"begin").replace(b"END", b"end"),
        lambda pem: pem.replace(b"KEY-----", b"KEY----"),
        lambda pem: pem.replace(b"KEY-----", b"KEY -----"),
        lambda pem: pem.replace(b"-----", "\u2014\u2014-".encode()),
        lambda pem: pem.partition(b"\n")[2],
        lambda pem: pem.replace(b"-----END PRIVATE KEY-----", b""),
        lambda pem: pem.replace(b"PRIVATE KEY", b"PRIVATE THING"),
    ],
)
def test_what_only_begins_like_a_block_is_refused_and_never_passed_over(
    changed: Callable[[bytes], bytes], leaf: Issued, root: Issued
) -> None:
    for content in (leaf.pem + leaf.key_pem + changed(root.key_pem), changed(root.key_pem) + leaf.pem + leaf.key_pem):
        assert refused(content)[0] in {"unreadable_file", "unsupported_format"}
    assert refused(leaf.pem, private_key=(leaf.key_pem + changed(root.key_pem)).decode())[0] in {
        "unreadable_file",
        "unsupported_format",
    }


def request_of(leaf: Issued) -> x509.CertificateSigningRequest:
    assert isinstance(leaf.key, ec.EllipticCurvePrivateKey)
    return x509.CertificateSigningRequestBuilder(x509.Name([])).sign(leaf.key, hashes.SHA256())


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("CERTIFICATE REQUEST", "signing request"),
        ("NEW CERTIFICATE REQUEST", "signing request"),
        ("X509 CRL", "revocation list"),
        ("PUBLIC KEY", "public key"),
        ("DH PARAMETERS", "Diffie-Hellman"),
        ("FOO", "FOO"),
    ],
)
def test_a_block_of_another_kind_is_named_alone_and_beside_a_certificate(label: str, words: str, leaf: Issued) -> None:
    block = in_pem(b"\x30\x00", label)
    code, text = refused(block)
    assert (code, words in text) == ("no_certificate", True)
    code, text = refused(leaf.pem + block + leaf.key_pem)
    assert (code, words in text) == ("unsupported_format", True)


def test_a_request_in_der_is_named(leaf: Issued) -> None:
    assert "signing request" in refused(request_of(leaf).public_bytes(Encoding.DER))[1]
    assert "signing request" in refused(in_pem(request_of(leaf).public_bytes(Encoding.DER), "CERTIFICATE"))[1]


def test_pkcs7_under_the_label_of_a_certificate_is_read(leaf: Issued, root: Issued) -> None:
    file = read(in_pem(forged.pkcs7(root.der, leaf.der), "CERTIFICATE"))
    assert (file.certificate, file.chain) == (leaf.der, (root.der,))


def test_a_key_under_the_label_of_a_certificate_is_refused(leaf: Issued, root: Issued) -> None:
    code, text = refused(leaf.pem + leaf.key_pem + in_pem(root.pkcs8, "CERTIFICATE"))
    assert code == "unreadable_file"
    assert "private key" in text


def test_certificates_beside_a_key_in_private_key_are_read_as_its_path(leaf: Issued, root: Issued) -> None:
    file = read(leaf.der, private_key=(leaf.key_pem + leaf.pem + root.pem).decode())
    assert (file.certificate, file.chain) == (leaf.der, (root.der,))


# --- names of what is no certificate file ------------------------------------------------------------------------


@pytest.mark.one_in(2)
@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (lambda leaf: leaf.pem.decode().encode("utf-16"), "unreadable_file", "UTF-16"),
        (lambda leaf: leaf.pem.decode().encode("utf-16-le"), "unreadable_file", "UTF-16"),
        (lambda leaf: leaf.pem.decode().encode("utf-16-be"), "unreadable_file", "UTF-16"),
        (lambda leaf: b"\n".join(leaf.pem.splitlines()[1:-1]), "unreadable_file", "base64 without its armour"),
        (lambda leaf: encodebytes(in_pkcs12(leaf)).replace(b"\n", b""), "unreadable_file", "base64 without its armour"),
        (lambda leaf: leaf.der.hex().encode(), "unreadable_file", "hex"),
        (lambda leaf: b"<!DOCTYPE html><html><body>404</body></html>", "unreadable_file", "web page"),
        (lambda leaf: b'\n<HTML lang="en">', "unreadable_file", "web page"),
        (lambda leaf: b"%PDF-1.7", "unreadable_file", "PDF"),
        (lambda leaf: b"", "unreadable_file", "empty"),
        (lambda leaf: b" \r\n", "unreadable_file", "empty"),
        (lambda leaf: bytes(100), "unreadable_file", "zeros"),
        (lambda leaf: b"PK\x03\x04", "unsupported_format", "ZIP"),
        (lambda leaf: bytes.fromhex("feedfeed00000002"), "unsupported_format", "keytool -importkeystore"),
        (lambda leaf: leaf.der[:-10], "unreadable_file", "cut off"),
        (lambda leaf: leaf.key_pem, "no_certificate", "private key without a certificate"),
        (lambda leaf: leaf.pkcs8, "no_certificate", "private key without a certificate"),
        (
            lambda leaf: forged.certificate_of(not_after=element(0x17, b"2501010000Z")),
            "unreadable_file",
            "notAfter",
        ),
        (
            lambda leaf: forged.certificate_of(version=forged.explicit(0, forged.integer(3))),
            "unreadable_file",
            "version 4",
        ),
        (
            lambda leaf: forged.pkcs12(forged.open_part(), mac=forged.classic_mac(9_000_000)),
            "unreadable_file",
            "fewer iterations",
        ),
        (
            lambda leaf: leaf.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
            "no_certificate",
            "public key",
        ),
    ],
)
def test_what_is_wrong_with_a_file_is_told(
    content: Callable[[Issued], bytes], code: str, words: str, leaf: Issued
) -> None:
    got, text = refused(content(leaf), PASSWORD)
    assert got == code
    assert words in text


def test_a_key_in_der_is_read_from_no_text() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    text = encodebytes(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())).decode()
    code, told = refused(issue("It", key=key).der, private_key=text)
    assert code == "unreadable_file"
    assert "expected it as PEM" in told
