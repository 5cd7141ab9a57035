"""The PKCS#11 agent through the stock p11-kit client, driven by the programs that people have.

Each signature is verified, by a program that did not make it where there is one (osslsigncode and jarsigner verify
their own), and counted once. A program that is not installed is named in one line, and its tests are skipped for that
alone.
"""

import sys
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from tests.support.programs.sample_files import smallest_windows_program
from tests.support.programs.signing_programs import (
    DATA,
    ENGINES,
    MODULE,
    PIN,
    Programs,
    digest_of,
    needs,
    needs_engine,
    owned,
    token_of,
    usage,
    verified,
)
from tests.support.services.over_http import Client, Service

soak = pytest.mark.soak


@soak
@needs("pkcs11-tool")
def test_pss_signs_a_digest(programs: Programs, admin: Client) -> None:
    issued, certificate = owned(admin)
    (programs.folder / "digest").write_bytes(digest_of(DATA))
    words = ("--sign", "--mechanism", "RSA-PKCS-PSS", "--token-label", certificate["alias"])
    parameters = ("--hash-algorithm", "SHA256", "--mgf", "MGF1-SHA256", "--salt-len", "32")

    done = programs.pkcs11_tool(*words, *parameters, "--input-file", "digest", "--output-file", "signature")

    assert done.returncode == 0, done.stderr
    with_pss = ("-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32")
    assert verified(programs, issued, *with_pss) == "Verified OK\n"
    assert usage(admin, certificate) == 1


@soak
@needs("pkcs11-tool")
@pytest.mark.parametrize("algorithm", ["ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521"])
def test_every_curve_signs_a_digest(algorithm: str, programs: Programs, admin: Client) -> None:
    issued, certificate = owned(admin, algorithm)
    (programs.folder / "digest").write_bytes(digest_of(DATA))
    words = ("--sign", "--mechanism", "ECDSA", "--token-label", certificate["alias"])

    done = programs.pkcs11_tool(*words, "--input-file", "digest", "--output-file", "signature")

    assert done.returncode == 0, done.stderr
    signature = (programs.folder / "signature").read_bytes()
    half = len(signature) // 2
    numbers = (int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big"))
    issued.key.public_key().verify(encode_dss_signature(*numbers), DATA, ec.ECDSA(hashes.SHA256()))
    assert usage(admin, certificate) == 1


@soak
@needs("pkcs11-tool")
def test_a_token_shows_certificate_key_and_path(programs: Programs, admin: Client) -> None:
    _, certificate = owned(admin)

    done = programs.pkcs11_tool("--list-objects", "--token-label", certificate["alias"])

    assert done.stdout.count("Certificate Object") == 2
    assert done.stdout.count("Private Key Object") == 1
    assert usage(admin, certificate) == 0


@soak
@needs("openssl")
@needs_engine
@pytest.mark.parametrize("algorithm", ["RSA_2048", "ECC_NIST_P384"])
def test_openssl_signs_by_its_engine(algorithm: str, programs: Programs, admin: Client) -> None:
    issued, certificate = owned(admin, algorithm)
    key = ("-engine", "pkcs11", "-keyform", "engine", "-sign", token_of(certificate))

    programs.good("openssl", "dgst", "-sha256", *key, "-out", "signature", "data")

    assert verified(programs, issued, "-sha256") == "Verified OK\n"
    assert usage(admin, certificate) == 1


@soak
@needs("openssl")
@needs_engine
def test_openssl_makes_a_cms_signature_by_its_engine(programs: Programs, admin: Client) -> None:
    issued, certificate = owned(admin)
    (programs.folder / "signer.pem").write_bytes(issued.pem)
    key = ("-engine", "pkcs11", "-keyform", "engine", "-inkey", token_of(certificate), "-signer", "signer.pem")

    programs.good("openssl", "cms", "-sign", "-binary", "-in", "data", *key, "-outform", "DER", "-out", "data.p7s")

    verify = (sys.executable, "-m", "signet_cli", "verify", "data", "data.p7s", "--certificate-file", "signer.pem")
    programs.good(*verify)
    assert usage(admin, certificate) == 1


@soak
@needs("openssl", "pkcs11-tool")
@needs_engine
def test_with_a_pin_it_signs_and_a_wrong_one_is_sent_once(programs: Programs, admin: Client, signet: Service) -> None:
    issued, certificate = owned(admin, pin=PIN)
    words = ("--sign", "--mechanism", "SHA256-RSA-PKCS", "--token-label", certificate["alias"], "--login")
    files = ("--input-file", "data", "--output-file", "signature")

    wrong = programs.pkcs11_tool(*words, "--pin", "111111", *files)
    assert (wrong.returncode != 0, "PIN" in wrong.stderr) == (True, True)
    refused = admin.items("/events", certificate=certificate["id"], outcome="refused")
    assert [event["code"] for event in refused] == ["pin_wrong"]

    done = programs.pkcs11_tool(*words, "--pin", PIN, *files)
    assert done.returncode == 0, done.stderr
    assert verified(programs, issued, "-sha256") == "Verified OK\n"
    by_environment = ("openssl", "dgst", "-sha256", "-engine", "pkcs11", "-keyform", "engine", "-sign")
    programs.good(*by_environment, token_of(certificate), "-out", "signature", "data", SIGNET_PIN=PIN)
    assert usage(admin, certificate) == 2

    used = admin.items("/events", certificate=certificate["id"], type="Certificate Used")
    processes = sorted(event["detail"]["application"]["process"] for event in used)
    assert processes == ["openssl", "pkcs11-tool"]
    assert not [event for event in (*used, *refused) if PIN in str(event) or "111111" in str(event)]
    assert not [line for line in signet.printed if PIN in line]


@soak
@needs("pkcs11-tool")
def test_a_reason_comes_of_the_environment_or_it_is_said_what_to_set(programs: Programs, admin: Client) -> None:
    _, certificate = owned(admin, ask_for_reason=True)
    words = ("--sign", "--mechanism", "SHA256-RSA-PKCS", "--token-label", certificate["alias"])
    files = ("--input-file", "data", "--output-file", "signature")

    without = programs.pkcs11_tool(*words, *files)
    assert (without.returncode != 0, "SIGNET_REASON" in without.stderr) == (True, True)
    given = programs.pkcs11_tool(*words, *files, SIGNET_REASON="release 1.4")

    assert given.returncode == 0, given.stderr
    (event,) = admin.items("/events", certificate=certificate["id"], type="Certificate Used")
    assert event["detail"]["reason"] == "release 1.4"


@soak
@needs("pkcs11-tool")
def test_weak_digests_and_foreign_salts_are_refused_in_words(programs: Programs, admin: Client) -> None:
    _, certificate = owned(admin)
    sha1 = bytes.fromhex("3021300906052b0e03021a05000414") + bytes(20)
    (programs.folder / "sha1").write_bytes(sha1)
    (programs.folder / "raw").write_bytes(b"raw bytes")
    (programs.folder / "digest").write_bytes(bytes(32))
    sign = ("--sign", "--token-label", certificate["alias"], "--output-file", "signature")

    told = {
        "SHA-1": programs.pkcs11_tool(*sign, "--mechanism", "RSA-PKCS", "--input-file", "sha1").stderr,
        "DigestInfo": programs.pkcs11_tool(*sign, "--mechanism", "RSA-PKCS", "--input-file", "raw").stderr,
        "salt": programs.pkcs11_tool(
            *sign, "--mechanism", "RSA-PKCS-PSS", "--hash-algorithm", "SHA256", "--mgf", "MGF1-SHA256",
            "--salt-len", "20", "--input-file", "digest",
        ).stderr,
    }  # fmt: skip

    assert [word for word, text in told.items() if word not in text] == []
    assert usage(admin, certificate) == 0


@soak
@needs("pkcs11-tool")
def test_a_service_out_of_reach_and_a_refused_token_are_told(programs: Programs) -> None:
    nowhere = programs.pkcs11_tool("--list-slots", SIGNET_ADDR="http://127.0.0.1:9")
    nobody = programs.pkcs11_tool("--list-slots", SIGNET_ID_TOKEN="")

    assert "cannot be reached" in nowhere.stderr
    assert "logged in" in nobody.stderr


@soak
@needs("osslsigncode")
@needs_engine
def test_osslsigncode_signs_a_windows_program(programs: Programs, admin: Client) -> None:
    issued, certificate = owned(admin)
    (programs.folder / "program.exe").write_bytes(smallest_windows_program())
    (programs.folder / "signer.pem").write_bytes(issued.pem)
    engine = ("-pkcs11engine", ENGINES[0], "-pkcs11module", MODULE, "-certs", "signer.pem")

    programs.good(
        "osslsigncode", "sign", *engine, "-key", token_of(certificate), "-h", "sha256",
        "-in", "program.exe", "-out", "signed.exe",
    )  # fmt: skip

    told = programs.run("osslsigncode", "verify", "-CAfile", "root.pem", "-in", "signed.exe").stdout
    assert "Signature verification: ok" in told, told
    programs.good("osslsigncode", "extract-signature", "-in", "signed.exe", "-out", "signature.p7")
    printed = programs.good("openssl", "pkcs7", "-inform", "DER", "-in", "signature.p7", "-print_certs", "-noout")
    assert issued.certificate.subject.rfc4514_string().split(",")[0].removeprefix("CN=") in printed
    assert usage(admin, certificate) == 1


@soak
@needs("certtool")
def test_certtool_signs_a_request_with_the_key_of_a_token(programs: Programs, admin: Client) -> None:
    _, certificate = owned(admin)
    (programs.folder / "template").write_text("cn = Signed by certtool\n")
    provider = ("--provider", MODULE)
    key = f"{token_of(certificate)};object={quote(certificate['alias'])}"

    programs.good(
        "certtool", *provider, "--generate-request", "--template", "template",
        "--load-privkey", f"{key};type=private", "--load-pubkey", f"{key};type=public",
        "--outfile", "request.pem", "--hash", "SHA256",
    )  # fmt: skip

    assert "verify OK" in programs.good("openssl", "req", "-in", "request.pem", "-verify", "-noout")
    assert usage(admin, certificate) == 1


@soak
@needs("jarsigner", "jar")
def test_jarsigner_signs_an_archive(programs: Programs, admin: Client) -> None:
    _, certificate = owned(admin)
    programs.write_java_configuration(certificate)
    programs.good("jar", "--create", "--file", "release.jar", "data")

    provider = ("-addprovider", "SunPKCS11", "-providerArg", "pkcs11.cfg", "-keystore", "NONE", "-storetype", "PKCS11")
    programs.good("jarsigner", *provider, "-storepass", "none", "release.jar", certificate["alias"])

    assert "jar verified" in programs.good("jarsigner", "-verify", "release.jar")
    assert usage(admin, certificate) == 1
