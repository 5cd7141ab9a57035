"""cosign signs files and container images through the dialect of AWS KMS, as the guide says.

Each signature is verified by openssl, which knows nothing of cosign, and with one bit flipped by neither.
"""

import json
import os
import subprocess
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.certificates.issued import issue
from tests.support.programs.guide_page import GuidePage, lines_of
from tests.support.programs.image_registry import image_registry, push_image
from tests.support.programs.sample_files import with_a_bit_flipped
from tests.support.programs.signing_programs import needs_only
from tests.support.services.dialects import openssl_takes, uses_of
from tests.support.services.over_http import Client, Service
from tests.support.services.tls import tls_before

pytestmark = needs_only("cosign", "openssl")
DIALECTS, RECIPES = GuidePage("dialects"), GuidePage("recipes")
MESSAGE = b"release 1.4\n"
OWNER = "local/dora"


class Cosign:
    """`cosign`, of Dora, who has no role; in a folder that is her home, and with nothing else of this machine."""

    def __init__(self, folder: Path, address: str, host: str, token: str) -> None:
        self.folder = folder
        self.host = host
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "SIGNET_ADDR": address,
            "SSL_CERT_FILE": str(folder / "tls-root.pem"),
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "any",
            "AWS_SECRET_ACCESS_KEY": "any",
            "AWS_SESSION_TOKEN": token,
            "TOKEN": token,
        }

    def key_of(self, certificate: dict[str, Any]) -> str:
        """As cosign names the key of a KMS at another host."""
        return f"awskms://{self.host}/alias/{certificate['alias']}"

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        return subprocess.run(
            words, cwd=self.folder, env=self._environment, capture_output=True, text=True, check=False
        )


@pytest.fixture
def cosign(signet: Service, tmp_path: Path) -> Iterator[Cosign]:
    """With TLS between it and the service."""
    with tls_before(signet.stack.url, tmp_path) as host:
        yield Cosign(tmp_path, signet.stack.url, host, signet.stack.issuer.token("dora", []))


def pasted(commands: str, cosign: Cosign, certificate: dict[str, Any]) -> list[str]:
    """What a shell prints, both ways, of `commands` of the guide, with a key and a token of Dora's in them."""
    for ours, theirs in (
        ("signet.example.com", cosign.host),
        ("alias/release", f"alias/{certificate['alias']}"),
        ("$(signet token)", "$TOKEN"),
    ):
        commands = commands.replace(ours, theirs)
    done = cosign.run("bash", "-euo", "pipefail", "-c", commands)
    assert done.returncode == 0, done.stdout + done.stderr
    return lines_of(done.stdout + done.stderr)


@pytest.mark.parametrize("algorithm", ["RSA_2048", "ECC_NIST_P256"])
def test_a_file_is_signed_and_verified_as_the_guide_says(algorithm: str, cosign: Cosign, admin: Client) -> None:
    certificate = admin.import_certificate(issue(algorithm=algorithm), owner=OWNER, alias=f"cosign-{algorithm}")
    (cosign.folder / "release.txt").write_bytes(MESSAGE)

    told = pasted(DIALECTS.commands("cosign"), cosign, certificate)

    assert told.count("Verified OK") == 2  # by cosign, and by openssl
    (cosign.folder / "release.txt").write_bytes(with_a_bit_flipped(MESSAGE, at=3))
    verify = ("verify-blob", "--insecure-ignore-tlog", "--key", "cosign.pub", "--signature", "release.txt.sig")
    assert cosign.run("cosign", *verify, "release.txt").returncode != 0
    public_key = (cosign.folder / "cosign.pub").read_text()
    signature = (cosign.folder / "release.txt.signature").read_bytes()
    assert not openssl_takes(public_key, "sha256", False, signature, with_a_bit_flipped(MESSAGE, at=3), cosign.folder)
    assert uses_of(admin, certificate) == (1, 1)


@needs_only("docker-registry")
def test_an_image_is_signed_as_the_guide_says_and_no_other_is(cosign: Cosign, admin: Client) -> None:
    certificate = admin.import_certificate(issue(algorithm="RSA_2048"), owner=OWNER, alias="cosign-image")
    recipe = "A container image"

    with image_registry(cosign.folder) as registry:
        image, other = push_image(registry, "1.4"), push_image(registry, "1.5")
        told = pasted(f"IMAGE={image}\n{RECIPES.commands(recipe)}", cosign, certificate)
        of_other = cosign.run("cosign", "verify", "--insecure-ignore-tlog", "--key", "cosign.pub", other)
        signed = json.loads(cosign.run("cosign", "download", "signature", image).stdout)

    assert RECIPES.shown(recipe)
    assert [line for line in RECIPES.shown(recipe) if line not in told] == []
    assert of_other.returncode != 0
    assert "no signatures found" in of_other.stderr
    public_key = (cosign.folder / "cosign.pub").read_text()
    payload, signature = b64decode(signed["Payload"]), b64decode(signed["Base64Signature"])
    assert image.partition("@")[2].encode() in payload
    assert openssl_takes(public_key, "sha256", False, signature, payload, cosign.folder)
    assert not openssl_takes(public_key, "sha256", False, signature, with_a_bit_flipped(payload, at=40), cosign.folder)
    assert uses_of(admin, certificate) == (1, 1)


def test_a_certificate_that_asks_for_a_pin_is_refused_with_its_reason(cosign: Cosign, admin: Client) -> None:
    certificate = admin.import_certificate(issue(algorithm="RSA_2048"), owner=OWNER, alias="cosign-pin", pin="246810")
    (cosign.folder / "release.txt").write_bytes(MESSAGE)

    done = cosign.run(
        "cosign", "sign-blob", "--yes", "--tlog-upload=false", "--key", cosign.key_of(certificate), "release.txt"
    )

    assert done.returncode != 0
    assert "PIN" in done.stderr
    assert uses_of(admin, certificate)[0] == 0
