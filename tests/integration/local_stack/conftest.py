"""Moto as it is installed, for tests that ask what it does without our patches, and with them."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from local.aws import moto_patches


@pytest.fixture
def moto(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty AWS for one test; the patches are on again for those that follow."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield
    moto_patches.apply()
