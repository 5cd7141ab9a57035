"""The two quickest ways to a signature, each verified by a program that did not make it."""

import subprocess

from tests.support.certificates.certification_authority import openssl
from tests.support.certificates.issued import issue
from tests.support.programs.signet_command import Command
from tests.support.programs.signing_programs import Programs, needs, owned, usage, verified
from tests.support.services.over_http import Client, at


def test_who_logs_in_signs_files_and_anybody_verifies_them(command: Command, admin: Client) -> None:
    certificate = admin.import_certificate(issue(algorithm="RSA_2048"), owner="local/alice")
    file = command.home / "release.tar.gz"
    file.write_bytes(b"release 1.4")

    command.good("sign", file, "-c", certificate["alias"])

    pem = admin.call("GET", at(certificate["id"], "download"), format="pem").body
    (command.home / "public.pem").write_bytes(openssl("x509", "-pubkey", "-noout", given=pem))
    verify = ["openssl", "dgst", "-sha256", "-verify", "public.pem", "-sigopt", "rsa_padding_mode:pss"]
    verify += ["-signature", "release.tar.gz.sig", "release.tar.gz"]
    assert subprocess.run(verify, cwd=command.home, capture_output=True, check=False).stdout == b"Verified OK\n"
    assert usage(admin, certificate) == 1


@needs("pkcs11-tool")
def test_pkcs11_tool_signs_and_openssl_verifies(programs: Programs, admin: Client) -> None:
    issued, certificate = owned(admin)
    words = ("--sign", "--mechanism", "SHA256-RSA-PKCS", "--token-label", certificate["alias"])

    done = programs.pkcs11_tool(*words, "--input-file", "data", "--output-file", "signature")

    assert done.returncode == 0, done.stderr
    assert verified(programs, issued, "-sha256") == "Verified OK\n"
    assert usage(admin, certificate) == 1
