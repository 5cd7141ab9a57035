"""Clients that others' tools make of the OpenAPI document do the main job, files as bytes included."""

import base64
import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support.certificates.certification_authority import CertificationAuthority
from tests.support.certificates.issued import PASSWORD, in_base64, issue
from tests.support.services.over_http import ADMINISTRATORS, Service
from tools.openapi.document import DOCUMENT

ROOT = Path(__file__).resolve().parents[3]
TOOLS = ROOT / ".tools/clients/bin"
PYTHON_CLIENT = (TOOLS / "openapi-python-client", "generate", "--path", DOCUMENT, "--meta", "none", "--overwrite")
GENERATOR = (TOOLS / "openapi-generator-cli", "generate", "-i", DOCUMENT, "-g", "python", "--package-name")
MESSAGE = b"a release"

# Files are bytes to it only under the one media type that it knows.
AS_BYTES = """
content_type_overrides:
  application/pkix-cert: application/octet-stream
  application/x-pem-file: application/octet-stream
  application/x-pkcs7-certificates: application/octet-stream
  application/pkcs10: application/octet-stream
  text/calendar: application/octet-stream
"""


def made_by_openapi_python_client(folder: Path) -> None:
    (folder / "as_bytes.yml").write_text(AS_BYTES)
    run([*PYTHON_CLIENT, "--config", folder / "as_bytes.yml", "--output-path", folder / "signet_client"])


def made_by_openapi_generator(folder: Path) -> None:
    run([*GENERATOR, "signet_client", "-o", folder])


def run(command: Sequence[object]) -> None:
    path = f"{TOOLS}:{os.environ['PATH']}"
    done = subprocess.run(
        [str(part) for part in command], env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING parsing" not in done.stdout


MADE_BY = {"openapi_python_client": made_by_openapi_python_client, "openapi_generator": made_by_openapi_generator}


@pytest.mark.soak
@pytest.mark.parametrize("tool", ["openapi_python_client", "openapi_generator"])
def test_a_client_that_is_made_of_the_document_does_the_main_job(
    tool: str, signet: Service, ca: CertificationAuthority, tmp_path: Path
) -> None:
    MADE_BY[tool](tmp_path)
    issued = issue()
    given = {
        "address": signet.stack.url,
        "token": signet.stack.issuer.token("generated", [ADMINISTRATORS]),
        "pkcs12": in_base64(issued.pkcs12()),
        "password": PASSWORD,
        "message": in_base64(MESSAGE),
    }
    driver = ROOT / "tests/generated_clients" / f"by_{tool}.py"
    with subprocess.Popen(
        [TOOLS / "python", driver],
        env={"PYTHONPATH": str(tmp_path), "PATH": os.environ["PATH"]},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as client:
        assert client.stdin
        assert client.stdout
        client.stdin.write(json.dumps(given) + "\n")
        client.stdin.flush()
        csr = json.loads(client.stdout.readline())["csr"]
        rest, _ = client.communicate(in_base64(ca.issue(csr)) + "\n", timeout=600)

    told = json.loads(rest)
    assert told["user"] == "local/generated"
    assert told["listed"] == [told["imported"]] == [told["renews"]]
    assert bytes.fromhex(told["downloaded"]) == issued.der
    issued.key.public_key().verify(base64.b64decode(told["signature"]), MESSAGE, ec.ECDSA(hashes.SHA256()))
    assert (told["refused"], told["gone"]) == ("content", 404)
    assert {"Certificate Imported", "Certificate Used", "Certificate Renewed", "Certificate Deleted"} <= set(
        told["events"]
    )
