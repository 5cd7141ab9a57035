"""What openssl reads in a certificate signing request, and what a refusal says of an order for one."""

import subprocess
from pathlib import Path

import pytest

from signet.adapters.cryptography.certificate_signing_requests import pem_of_csr
from signet.domain.errors import InvalidInputError

NAMES = {
    "dns": ["example.com", "*.example.com"],
    "email": ["release@example.com"],
    "uri": ["urn:example:release", "https://example.com/a?b=c"],
    "ip": ["192.0.2.7", "2001:db8::7"],
}


def read_by_openssl(csr: bytes, folder: Path) -> str:
    """What openssl says of the request after checking its signature."""
    (folder / "a.csr").write_text(pem_of_csr(csr))
    answer = subprocess.run(
        ["openssl", "req", "-in", "a.csr", "-verify", "-noout", "-text", "-nameopt", "RFC2253,-esc_msb,utf8"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    assert "verify OK" in answer.stderr + answer.stdout
    return answer.stdout


def fields_of(refusal: pytest.ExceptionInfo[InvalidInputError]) -> list[str]:
    return [error.field for error in refusal.value.errors]
