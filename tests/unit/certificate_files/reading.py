"""What the reader of certificate files makes of bytes, and openssl to write them."""

import subprocess
from pathlib import Path

import pytest

from signet.adapters.certificate_files.certificate_file import read_certificate_file
from signet.domain.errors import SignetError
from signet.domain.x509.certificate_facts import CertificateFile

PASSWORD = "correct horse battery staple"


def read(
    content: bytes,
    password: str | None = None,
    private_key: str | bytes | None = None,
    private_key_password: str | None = None,
) -> CertificateFile:
    key = private_key.decode() if isinstance(private_key, bytes) else private_key
    return read_certificate_file(content, password=password, private_key=key, private_key_password=private_key_password)


def refusal(
    content: bytes,
    password: str | None = None,
    private_key: str | bytes | None = None,
    private_key_password: str | None = None,
) -> str:
    with pytest.raises(SignetError) as refused:
        read(content, password, private_key, private_key_password)
    return refused.value.code


def refused(content: bytes, password: str | None = None, private_key: str | None = None) -> tuple[str, str]:
    """Code and text."""
    with pytest.raises(SignetError) as error:
        read(content, password, private_key)
    return error.value.code, str(error.value)


def openssl(*arguments: str | Path, stdin: bytes | None = None) -> bytes:
    return subprocess.run(["openssl", *map(str, arguments)], input=stdin, check=True, capture_output=True).stdout
