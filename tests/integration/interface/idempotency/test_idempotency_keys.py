"""What may be an Idempotency-Key, and where it means something."""

from typing import Any

import pytest

from tests.integration.interface.idempotency.repeats import SIGN, sign
from tests.support.certificates.issued import unused_name
from tests.support.services.over_http import Client, Service, assert_refused, at


@pytest.mark.one_in(2)
@pytest.mark.parametrize("bad", ["", "x" * 256, "a\tb", "caf\u00e9\u0085"], ids=ascii)
def test_a_key_is_1_to_255_printable_characters(bad: str, signet: Service, alice: Client, mine: dict[str, Any]) -> None:
    with signet.nothing_stored():
        refused = alice.post(at(mine["id"], "sign"), SIGN, headers={"Idempotency-Key": bad.encode().decode("latin-1")})

    assert_refused(refused, 422, "invalid_input", "Idempotency-Key")


def test_a_key_of_255_characters_is_one(alice: Client, mine: dict[str, Any]) -> None:
    long = unused_name().ljust(255, "x")

    assert sign(alice, mine["id"], long).body == sign(alice, mine["id"], long).body


def test_a_key_with_another_method_means_nothing(admin: Client, mine: dict[str, Any], key: str) -> None:
    for text in ("one", "two"):
        changed = admin.call("PATCH", at(mine["id"]), {"description": text}, headers={"Idempotency-Key": key})
        assert changed.json["description"] == text
