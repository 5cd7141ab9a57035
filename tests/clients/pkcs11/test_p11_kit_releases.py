"""The agent under newer releases of p11-kit, which write some things in another way (mechanisms, since 0.25.6)."""

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from tests.support.programs.p11_kit_releases import RELEASES, Release
from tests.support.programs.sample_files import smallest_kernel_module, with_a_bit_flipped
from tests.support.programs.signing_programs import (
    DATA,
    PIN,
    Programs,
    digest_of,
    needs_only,
    owned,
    token_of,
    usage,
    verified,
)
from tests.support.services.over_http import Client

pytestmark = [pytest.mark.soak, pytest.mark.parametrize("release", RELEASES)]

PSS = ("--mgf", "MGF1-SHA256", "--salt-len", "32")
WITH_PSS = ("-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32")


@pytest.mark.parametrize(
    ("mechanism", "more", "given", "verify"),
    [
        ("SHA256-RSA-PKCS", (), "data", ("-sha256",)),
        ("RSA-PKCS-PSS", ("--hash-algorithm", "SHA256", *PSS), "digest", WITH_PSS),
        ("SHA256-RSA-PKCS-PSS", PSS, "data", WITH_PSS),
    ],
)
def test_rsa_signs_by_each_mechanism(
    mechanism: str,
    more: tuple[str, ...],
    given: str,
    verify: tuple[str, ...],
    release: Release,
    programs: Programs,
    admin: Client,
) -> None:
    issued, certificate = owned(admin)
    (programs.folder / "digest").write_bytes(digest_of(DATA))

    programs.good(
        *release.program("pkcs11-tool"), "--module", release.module, "--sign", "--mechanism", mechanism, *more,
        "--token-label", certificate["alias"], "--input-file", given, "--output-file", "signature",
    )  # fmt: skip

    assert verified(programs, issued, *verify) == "Verified OK\n"
    assert usage(admin, certificate) == 1


@pytest.mark.parametrize("mechanism", ["ECDSA", "ECDSA-SHA256"])
def test_a_curve_signs_by_each_mechanism(mechanism: str, release: Release, programs: Programs, admin: Client) -> None:
    issued, certificate = owned(admin, "ECC_NIST_P256", pin=PIN)
    (programs.folder / "digest").write_bytes(digest_of(DATA))
    given = "digest" if mechanism == "ECDSA" else "data"

    programs.good(
        *release.program("pkcs11-tool"), "--module", release.module, "--sign", "--mechanism", mechanism,
        "--login", "--pin", PIN, "--token-label", certificate["alias"],
        "--input-file", given, "--output-file", "signature",
    )  # fmt: skip

    raw = (programs.folder / "signature").read_bytes()
    numbers = (int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    issued.key.public_key().verify(encode_dss_signature(*numbers), DATA, ec.ECDSA(hashes.SHA256()))
    assert usage(admin, certificate) == 1


@pytest.mark.parametrize(
    ("algorithm", "verify"), [("RSA_2048", ("-sha256",)), ("RSA_2048", WITH_PSS), ("ECC_NIST_P256", ("-sha256",))]
)
def test_openssl_signs_by_its_provider(
    algorithm: str, verify: tuple[str, ...], release: Release, programs: Programs, admin: Client
) -> None:
    issued, certificate = owned(admin, algorithm)
    with_provider = ("-provider", "pkcs11", "-provider", "default")

    programs.good(
        *release.program("openssl"), "dgst", *with_provider, *verify, "-sign", f"{token_of(certificate)};type=private",
        "-out", "signature", "data", **release.for_provider(),
    )  # fmt: skip

    assert verified(programs, issued, *verify) == "Verified OK\n"
    assert usage(admin, certificate) == 1


@needs_only("modinfo", "certtool")
def test_sign_file_signs_a_kernel_module_by_the_provider(release: Release, programs: Programs, admin: Client) -> None:
    issued, certificate = owned(admin)
    module = smallest_kernel_module()
    (programs.folder / "signer.pem").write_bytes(issued.pem)
    (programs.folder / "hello.ko").write_bytes(module)
    taken_apart = ("--inder", "--infile", "content.p7s", "--load-certificate", "signer.pem")

    programs.good(
        *release.sign_file(), "sha256", token_of(certificate), "signer.pem", "hello.ko", "hello-signed.ko",
        **release.for_provider(),
    )  # fmt: skip

    assert programs.good("modinfo", "-F", "sig_id", "./hello-signed.ko") == "PKCS#7\n"
    appended = (programs.folder / "hello-signed.ko").read_bytes().removeprefix(module)
    # A header of 12 octets and the marker of 28 follow the signature (the kernel's module_signature.h).
    (programs.folder / "content.p7s").write_bytes(appended[:-40])
    assert "status: ok" in programs.good("certtool", "--p7-verify", *taken_apart, "--load-data", "hello.ko")
    (programs.folder / "flipped.ko").write_bytes(with_a_bit_flipped(module, at=module.index(b"license")))
    assert programs.run("certtool", "--p7-verify", *taken_apart, "--load-data", "flipped.ko").returncode != 0
    assert usage(admin, certificate) == 1
