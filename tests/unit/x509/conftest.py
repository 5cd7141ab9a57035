"""What the tests of this folder make once."""

import pytest

from signet.adapters.cryptography.private_keys import NewPrivateKey, generate_private_key
from signet.domain.signing.key_algorithm import GENERATED_KEY_ALGORITHMS


@pytest.fixture(scope="session")
def keys() -> dict[str, NewPrivateKey]:
    return {name: generate_private_key(name) for name in GENERATED_KEY_ALGORITHMS}
