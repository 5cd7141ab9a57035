"""Programs and libraries that sign through Vault's transit engine or AWS KMS sign through Signet, unchanged.

Each signature is verified by openssl, which did not make it, and with one bit flipped by none; usage counts
equal the signatures.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import boto3
import hvac
import pytest
from hvac.exceptions import Forbidden, InvalidPath
from securesystemslib.signer._aws_signer import AWSSigner

from tests.support.certificates.issued import issue
from tests.support.services.dialects import MESSAGE, b64, flipped, openssl_takes, pem_of, signature_in, uses_of
from tests.support.services.over_http import Client, Service

OWNER = "local/dora"


@pytest.fixture
def token(signet: Service) -> str:
    """Dora's, who has no role."""
    return signet.stack.issuer.token("dora", [])


@pytest.fixture
def kms(token: str, signet: Service, monkeypatch: pytest.MonkeyPatch) -> Any:
    """boto3, set as a program's environment sets it."""
    settings = {
        "AWS_ENDPOINT_URL": signet.stack.url,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "signet",
        "AWS_SECRET_ACCESS_KEY": "signet",
        "AWS_SESSION_TOKEN": token,
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    return boto3.client("kms")


def of_the_guide(kind: str) -> str:
    """The one block of that kind in the page about dialects."""
    page = (Path(__file__).parents[2] / "docs/guide/dialects.md").read_text()
    (block,) = re.findall(rf"^```{kind}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    return str(block)


def transit_of(signet: Service, token: str) -> Any:
    """The transit engine as hvac has it, for whoever has `token`."""
    client: Any = hvac.Client(url=signet.stack.url, token=token)
    return client.secrets.transit


@pytest.mark.parametrize(("algorithm", "digest"), [("RSA_2048", "sha256"), ("ECC_NIST_P384", "sha384")])
def test_hvac_signs_and_verifies(
    algorithm: str, digest: str, token: str, signet: Service, admin: Client, tmp_path: Path
) -> None:
    certificate = admin.import_certificate(issue(algorithm=algorithm), owner=OWNER)
    name = certificate["id"]
    transit = transit_of(signet, token)
    asked = {"hash_input": b64(MESSAGE), "hash_algorithm": f"sha2-{digest[-3:]}", "signature_algorithm": "pss"}

    key = transit.read_key(name=name)["data"]
    text = transit.sign_data(name=name, **asked)["data"]["signature"]

    public, signature = key["keys"]["1"]["public_key"], signature_in(text)
    pss = algorithm.startswith("RSA")
    assert openssl_takes(public, digest, pss, signature, MESSAGE, tmp_path)
    assert not openssl_takes(public, digest, pss, flipped(signature), MESSAGE, tmp_path)
    for each, valid in ((text, True), (f"vault:v1:{b64(flipped(signature))}", False)):
        assert transit.verify_signed_data(name=name, signature=each, **asked)["data"]["valid"] is valid
    assert uses_of(admin, certificate) == (1, 1)


def test_hvac_raises_its_own_errors(token: str, signet: Service, admin: Client) -> None:
    transit = transit_of(signet, token)
    with_pin = admin.import_certificate(owner=OWNER, pin="2468")["id"]

    with pytest.raises(InvalidPath):
        transit.read_key(name="nothing")
    with pytest.raises(Forbidden, match="PIN"):
        transit.sign_data(name=with_pin, hash_input=b64(MESSAGE))
    with pytest.raises(Forbidden, match="not a token"):
        transit_of(signet, "s.none").read_key(name=with_pin)


def test_boto3_signs_and_verifies(kms: Any, admin: Client, tmp_path: Path) -> None:
    certificate = admin.import_certificate(issue(algorithm="RSA_2048"), owner=OWNER)
    name = f"alias/{certificate['alias']}"
    asked = {
        "KeyId": name,
        "Message": hashlib.sha256(MESSAGE).digest(),
        "MessageType": "DIGEST",
        "SigningAlgorithm": "RSASSA_PKCS1_V1_5_SHA_256",
    }

    public = pem_of(kms.get_public_key(KeyId=name)["PublicKey"])
    signature = kms.sign(**asked)["Signature"]

    assert kms.describe_key(KeyId=name)["KeyMetadata"]["KeySpec"] == "RSA_2048"
    assert openssl_takes(public, "sha256", False, signature, MESSAGE, tmp_path)
    assert not openssl_takes(public, "sha256", False, flipped(signature), MESSAGE, tmp_path)
    assert kms.verify(**asked, Signature=signature)["SignatureValid"] is True
    with pytest.raises(kms.exceptions.KMSInvalidSignatureException):
        kms.verify(**asked, Signature=flipped(signature))
    with pytest.raises(kms.exceptions.DryRunOperationException):
        kms.sign(**asked, DryRun=True)
    with pytest.raises(kms.exceptions.NotFoundException):
        kms.sign(**{**asked, "KeyId": "alias/nothing"})
    assert uses_of(admin, certificate) == (1, 1)


def test_securesystemslib_signs(kms: Any, admin: Client, tmp_path: Path) -> None:
    certificate = admin.import_certificate(issue(algorithm="ECC_NIST_P256"), owner=OWNER)

    uri, key = AWSSigner.import_(certificate["id"])
    made = AWSSigner.from_priv_key_uri(uri, key).sign(MESSAGE)

    assert kms.meta.service_model.service_name == "kms"
    public, signature = key.keyval["public"], bytes.fromhex(made.signature)
    assert openssl_takes(public, "sha256", False, signature, MESSAGE, tmp_path)
    assert not openssl_takes(public, "sha256", False, flipped(signature), MESSAGE, tmp_path)
    assert uses_of(admin, certificate) == (1, 1)


@pytest.mark.skipif(shutil.which("curl") is None, reason="not installed: curl")
def test_the_guides_curl_signs_as_the_vault_command_does(
    token: str, signet: Service, admin: Client, tmp_path: Path
) -> None:
    certificate = admin.import_certificate(issue(algorithm="ECC_NIST_P256"), owner=OWNER)
    command = of_the_guide("text").replace("release", certificate["id"])
    environment = {"PATH": os.environ["PATH"], "TOKEN": token, "SIGNET": signet.stack.url}

    told = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True, env=environment)

    signature = signature_in(json.loads(told.stdout)["data"]["signature"])
    key = transit_of(signet, token).read_key(name=certificate["id"])["data"]["keys"]["1"]["public_key"]
    assert openssl_takes(key, "sha256", False, signature, b"Signet signs this.", tmp_path)
    assert not openssl_takes(key, "sha256", False, flipped(signature), b"Signet signs this.", tmp_path)
    assert uses_of(admin, certificate) == (1, 1)


def test_the_guides_python_signs(kms: Any, admin: Client, tmp_path: Path) -> None:
    certificate = admin.import_certificate(issue(algorithm="RSA_2048"), owner=OWNER)
    *setting, signing = of_the_guide("python").strip().splitlines()
    told = {"boto3": boto3, "digest": hashlib.sha256(MESSAGE).digest()}
    exec("\n".join(setting), told)

    made = eval(signing.replace("release", certificate["alias"]), told)

    public = pem_of(kms.get_public_key(KeyId=certificate["id"])["PublicKey"])
    assert openssl_takes(public, "sha256", True, made["Signature"], MESSAGE, tmp_path)
    assert uses_of(admin, certificate) == (1, 1)
