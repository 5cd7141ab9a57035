"""A path of three certificates, and a folder in which openssl finds them."""

from pathlib import Path

import pytest

from tests.support.certificates.forged_files import Issued, issue, rsa_key


@pytest.fixture(scope="module")
def root() -> Issued:
    return issue("Root")


@pytest.fixture(scope="module")
def middle(root: Issued) -> Issued:
    return issue("Middle", by=root)


@pytest.fixture(scope="module")
def leaf(middle: Issued) -> Issued:
    return issue("Leaf", by=middle, key=rsa_key(), ca=False)


@pytest.fixture
def folder(tmp_path: Path, leaf: Issued, middle: Issued, root: Issued) -> Path:
    """The files that the openssl command line works on."""
    (tmp_path / "leaf.pem").write_bytes(leaf.pem)
    (tmp_path / "key.pem").write_bytes(leaf.key_pem)
    (tmp_path / "chain.pem").write_bytes(root.pem + middle.pem)
    return tmp_path
