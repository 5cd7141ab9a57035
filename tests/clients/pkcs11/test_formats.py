"""Files of many formats, signed by their own programs through the agent, and verified by a program that did not.

Each signature is counted once, and refused when one bit of what was signed is another.
"""

import re

import pytest

from tests.support.certificates.issued import Issued, authority, issue
from tests.support.programs.p11_kit_releases import RELEASES, Release
from tests.support.programs.sample_files import (
    smallest_package,
    smallest_pdf,
    smallest_windows_program,
    time_stamper,
    with_a_bit_flipped,
)
from tests.support.programs.signet_command import CHECKOUT
from tests.support.programs.signing_programs import (
    DATA,
    ENGINES,
    MODULE,
    Programs,
    needs,
    needs_engine,
    owned,
    token_of,
    usage,
    verified,
)
from tests.support.services.over_http import Client, Service

pytestmark = pytest.mark.soak

JAVA_PROGRAM = CHECKOUT / "tests" / "support" / "programs" / "SignInThreads.java"

BY_ENGINE = ("-engine", "pkcs11", "-keyform", "engine")
BY_PROVIDER = ("-provider", "pkcs11", "-provider", "default")


@needs("openssl")
@needs_engine
def test_openssl_makes_a_pss_signature_by_its_engine(programs: Programs, admin: Client) -> None:
    issued, certificate = owned(admin)
    with_pss = ("-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32")

    programs.good("openssl", "dgst", *with_pss, *BY_ENGINE, "-sign", token_of(certificate), "-out", "signature", "data")

    assert verified(programs, issued, *with_pss) == "Verified OK\n"
    assert usage(admin, certificate) == 1


@needs("openssl", "certtool")
@needs_engine
def test_openssl_makes_a_request_by_its_engine(programs: Programs, admin: Client) -> None:
    _, certificate = owned(admin)
    key = (*BY_ENGINE, "-key", token_of(certificate))

    programs.good("openssl", "req", "-new", *key, "-subj", "/CN=Release", "-outform", "DER", "-out", "request.der")

    assert_certtool_verifies_request(programs)
    assert usage(admin, certificate) == 1


@needs("certtool")
@pytest.mark.parametrize("release", RELEASES)
def test_openssl_makes_a_request_by_its_provider(release: Release, programs: Programs, admin: Client) -> None:
    _, certificate = owned(admin, "ECC_NIST_P256")

    programs.good(
        *release.program("openssl"), "req", "-new", *BY_PROVIDER, "-key", f"{token_of(certificate)};type=private",
        "-config", "/dev/null", "-subj", "/CN=Release", "-outform", "DER", "-out", "request.der",
        **release.for_provider(),
    )  # fmt: skip

    assert_certtool_verifies_request(programs)
    assert usage(admin, certificate) == 1


def assert_certtool_verifies_request(programs: Programs) -> None:
    made = (programs.folder / "request.der").read_bytes()
    (programs.folder / "flipped.der").write_bytes(with_a_bit_flipped(made, at=made.index(b"Release")))
    show = ("certtool", "--crq-info", "--inder", "--infile")
    assert "Self signature: verified" in programs.good(*show, "request.der")
    told = programs.run(*show, "flipped.der")
    assert "Self signature: verified" not in told.stdout + told.stderr


@needs("openssl")
@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("algorithm", ["RSA_2048", "ECC_NIST_P256"])
def test_openssl_makes_a_cms_signature_by_its_provider(
    algorithm: str, release: Release, programs: Programs, admin: Client
) -> None:
    issued, certificate = owned(admin, algorithm)
    (programs.folder / "signer.pem").write_bytes(issued.pem)

    programs.good(
        *release.program("openssl"), "cms", "-sign", "-binary", "-in", "data", *BY_PROVIDER,
        "-inkey", f"{token_of(certificate)};type=private", "-signer", "signer.pem",
        "-outform", "DER", "-out", "data.p7s", **release.for_provider(),
    )  # fmt: skip

    assert_cms_is_verified(programs, "data.p7s", DATA)
    assert usage(admin, certificate) == 1


def assert_cms_is_verified(programs: Programs, signature: str, content: bytes) -> None:
    """By the openssl of the machine, which did not make it."""
    words = ("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", signature, "-CAfile", "root.pem")
    for name, given, good in (
        ("content", content, True),
        ("flipped", with_a_bit_flipped(content, at=len(content) // 2), False),
    ):
        (programs.folder / name).write_bytes(given)
        done = programs.run(*words, "-content", name, "-purpose", "any", "-out", "out")
        assert (done.returncode == 0) is good, done.stderr


@needs("osslsigncode", "sbverify")
@needs_engine
def test_osslsigncode_adds_its_own_time_stamp(programs: Programs, admin: Client) -> None:
    issued, certificate = owned(admin)
    write_windows_program(programs, issued)
    clock = time_stamper()
    (programs.folder / "clock.pem").write_bytes(clock.pem + authority().pem)
    (programs.folder / "clock.key").write_bytes(clock.key_pem())
    engine = ("-pkcs11engine", ENGINES[0], "-pkcs11module", MODULE, "-certs", "signer.pem")

    programs.good(
        "osslsigncode", "sign", *engine, "-key", token_of(certificate), "-h", "sha256",
        "-TSA-certs", "clock.pem", "-TSA-key", "clock.key", "-in", "program.exe", "-out", "signed.exe",
    )  # fmt: skip

    words = ("osslsigncode", "verify", "-CAfile", "root.pem", "-TSA-CAfile", "root.pem", "-in", "signed.exe")
    assert "Timestamp Server Signature verification: ok" in programs.good(*words)
    assert_windows_program_is_verified(programs)
    assert usage(admin, certificate) == 1


@needs("sbsign", "sbverify", "osslsigncode")
@needs_engine
def test_sbsign_signs_what_firmware_starts(programs: Programs, admin: Client) -> None:
    issued, certificate = owned(admin)
    write_windows_program(programs, issued)
    key = ("--engine", "pkcs11", "--key", token_of(certificate), "--cert", "signer.pem")

    programs.good("sbsign", *key, "--output", "signed.exe", "program.exe")

    assert_windows_program_is_verified(programs)
    assert usage(admin, certificate) == 1


def write_windows_program(programs: Programs, issued: Issued) -> None:
    (programs.folder / "program.exe").write_bytes(smallest_windows_program())
    (programs.folder / "signer.pem").write_bytes(issued.pem)


def assert_windows_program_is_verified(programs: Programs) -> None:
    """By both programs that know the format, one of which did not make it."""
    signed = (programs.folder / "signed.exe").read_bytes()
    (programs.folder / "flipped.exe").write_bytes(with_a_bit_flipped(signed, at=0x210))
    by_sbverify = ("sbverify", "--cert", "signer.pem")
    by_osslsigncode = ("osslsigncode", "verify", "-CAfile", "root.pem", "-TSA-CAfile", "root.pem", "-in")
    programs.good(*by_sbverify, "signed.exe")
    programs.good(*by_osslsigncode, "signed.exe")
    assert programs.run(*by_sbverify, "flipped.exe").returncode != 0
    assert programs.run(*by_osslsigncode, "flipped.exe").returncode != 0


@needs("apksigner", "jarsigner", "pkcs11-tool")
def test_apksigner_signs_a_package(programs: Programs, admin: Client) -> None:
    _, certificate = owned(admin)
    (programs.folder / "release.apk").write_bytes(smallest_package())
    programs.write_java_configuration(certificate)
    store = ("--ks", "NONE", "--ks-type", "PKCS11", "--ks-pass", "pass:none", "--ks-key-alias", certificate["alias"])
    provider = ("--provider-class", "sun.security.pkcs11.SunPKCS11", "--provider-arg", "pkcs11.cfg")
    opened = "-J-add-exports=jdk.crypto.cryptoki/sun.security.pkcs11=ALL-UNNAMED"

    programs.good(
        "apksigner", opened, "sign", *store, *provider, "--min-sdk-version", "21", "--v4-signing-enabled", "false",
        "release.apk",
    )  # fmt: skip

    verify = ("apksigner", "verify", "--verbose", "--min-sdk-version", "21")
    told = programs.good(*verify, "release.apk")
    schemes = [number for number in "123" if re.search(rf"Verified using v{number} scheme .*: true", told)]
    assert schemes == ["1", "2", "3"]
    assert "jar verified" in programs.good("jarsigner", "-verify", "release.apk")
    signed = (programs.folder / "release.apk").read_bytes()
    (programs.folder / "flipped.apk").write_bytes(with_a_bit_flipped(signed, at=signed.index(b"classes.dex")))
    assert programs.run(*verify, "flipped.apk").returncode != 0
    assert usage(admin, certificate) == len(schemes)


@needs("java", "javac", "pkcs11-tool", "openssl")
def test_java_signs_in_twenty_threads_through_one_agent(programs: Programs, admin: Client) -> None:
    issued, certificate = owned(admin)
    programs.write_java_configuration(certificate)
    programs.agents.unlink()

    told = programs.good("java", JAVA_PROGRAM, "pkcs11.cfg", certificate["alias"], 20, 2)

    signatures = [bytes.fromhex(line) for line in told.splitlines() if re.fullmatch(r"[0-9a-f]{512}", line)]
    assert len(signatures) == 40
    (programs.folder / "signature").write_bytes(signatures[0])
    assert verified(programs, issued, "-sha256") == "Verified OK\n"
    assert set(signatures) == {signatures[0]}  # RSA PKCS#1 of the same data: each of them is verified by that.
    assert len(programs.agents.read_text().split()) == 1
    assert usage(admin, certificate) == 40


@needs("pdfsig", "modutil", "certutil", "openssl")
def test_pdfsig_signs_a_document(programs: Programs, admin: Client, signet: Service) -> None:
    # Somebody of whose certificates none has a PIN: NSS asks for those of all tokens before it looks for anything.
    certificate = admin.import_certificate(issue(algorithm="RSA_2048"), owner="local/author")
    programs.environment["SIGNET_ID_TOKEN"] = signet.stack.issuer.token("author", [])
    (programs.folder / "release.pdf").write_bytes(smallest_pdf())
    store = programs.folder / "nss"
    store.mkdir()
    programs.good("certutil", "-N", "-d", f"sql:{store}", "--empty-password")
    programs.good("certutil", "-A", "-d", f"sql:{store}", "-n", "root", "-t", "CT,C,C", "-i", "root.pem")
    programs.good("modutil", "-force", "-dbdir", f"sql:{store}", "-add", "Signet", "-libfile", MODULE)
    alias = certificate["alias"]

    programs.good(
        "pdfsig", "-nssdir", f"sql:{store}", "-add-signature", "-nick", f"{alias}:{alias}", "release.pdf", "signed.pdf"
    )

    told = programs.good("pdfsig", "-nssdir", f"sql:{store}", "signed.pdf")
    assert "Signature Validation: Signature is Valid." in told
    signed = (programs.folder / "signed.pdf").read_bytes()
    (places,) = re.findall(rb"/ByteRange *\[ *(\d+) +(\d+) +(\d+) +(\d+)", signed)
    begin, length, again, rest = map(int, places)
    written = bytes.fromhex(signed[begin + length + 1 : again - 1].decode())
    (programs.folder / "signed.p7s").write_bytes(written)
    content = signed[begin : begin + length] + signed[again : again + rest]
    assert_cms_is_verified(programs, "signed.p7s", content)
    (programs.folder / "flipped.pdf").write_bytes(with_a_bit_flipped(signed, at=signed.index(b"200 200")))
    assert "Signature is Valid." not in programs.run("pdfsig", "-nssdir", f"sql:{store}", "flipped.pdf").stdout
    # It signs once before, only to learn how long a signature is.
    assert usage(admin, certificate) == 2
