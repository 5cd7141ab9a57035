"""Keys of every kind, made once for the tests of this folder."""

import pytest

from signet.domain.signing.key_algorithm import GENERATED_KEY_ALGORITHMS
from tests.unit.signing.signing_material import new_key


@pytest.fixture(scope="session")
def keys() -> dict[str, bytes]:
    """One private key of each kind that can be made here, and an RSA key of a length that can only be imported."""
    return {name: new_key(name) for name in (*GENERATED_KEY_ALGORITHMS, "RSA_2176")}
