"""No key, PIN, password or token is to be seen anywhere, in any writing, after everything was done and refused."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from local.stack import start
from tests.integration.signing.everything_done import (
    CALENDAR_LINK,
    PASSWORD,
    PIN,
    Run,
    everything,
    gather,
    listening_queue,
)
from tests.support.certificates.issued import a_key
from tests.support.checks.leaks import Haystack, Secret, needles, of_bytes, of_key, of_text
from tests.support.services.over_http import Service

pytestmark = pytest.mark.soak


@pytest.fixture(scope="module")
def run() -> Run:
    printed: list[str] = []
    told = Run()
    with start(workers=3, log=printed.append) as stack:
        signet = Service(stack, printed, told.heard)
        queue = listening_queue(signet)
        everything(signet, told)
        gather(signet, queue, told)
    told.haystack.add("logs", printed)
    return told


def test_everything_was_tried_and_heard(run: Run) -> None:
    assert {200, 201, 204, 400, 401, 403, 404, 409, 422, 500} <= run.statuses
    places = run.haystack.places()
    assert places["logs"] > 100
    for table in ("CertificateTable", "PrivateKeyTable", "EventTable", "IdempotencyTable", "the cursors' secret"):
        assert places[table] > 0, table
    names = [secret.name for secret in run.secrets]
    assert len(names) > 20
    assert "the cursors' secret" in names
    assert any(name.startswith("the stored key") for name in names)


def test_no_secret_is_to_be_seen_anywhere(run: Run) -> None:
    links = {secret.name: "answers" for secret in run.secrets if secret.name.startswith(CALENDAR_LINK)}
    assert not run.haystack.leaks(run.secrets, but={**links, "the cursors' secret": "the cursors' secret"})


SAMPLES = (
    of_text("a PIN", PIN),
    of_text("a password", PASSWORD),
    of_bytes("some bytes", bytes(range(7, 250, 3))),
    of_key("a key", a_key("ECC_NIST_P256")),
    of_key("an RSA key", a_key("RSA_2048")),
    of_key("another key", a_key("ED25519")),
)


@pytest.mark.parametrize("secret", SAMPLES, ids=lambda secret: secret.name)
def test_what_is_planted_is_found_however_it_is_written(secret: Secret) -> None:
    for how, needle in needles(secret):
        haystack = Haystack()
        haystack.add("logs", b'{"message": "' + needle + b'"}')
        assert haystack.leaks([secret]), how
        in_a_table = Haystack()
        in_a_table.add("table", {"B": b"before" + needle + b"after"})
        assert in_a_table.leaks([secret]), how
    assert not Haystack().leaks([secret])


def planted(key: Any) -> Iterator[tuple[str, object]]:
    pkcs8 = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    yield "PKCS#8", pkcs8
    yield "PEM", pem
    yield "PEM in JSON", json.dumps({"private_key": pem})
    yield "PEM in JSON in JSON", json.dumps({"body": json.dumps({"private_key": pem})})
    yield "PEM with other line breaks", pem.replace("\n", "\r\n")
    yield "in base64 behind something else", base64.b64encode(b"x" + pkcs8)
    yield "in base64 for URLs", base64.urlsafe_b64encode(b"xy" + pkcs8).rstrip(b"=").decode()
    yield "in hex with colons", ":".join(f"{byte:02x}" for byte in pkcs8).encode()
    yield "as Python shows it", repr(pkcs8)
    yield "in an item", {"sealed": {"B": pkcs8}}


@pytest.mark.parametrize("algorithm", ["RSA_2048", "ECC_NIST_P256", "ED25519"])
def test_a_planted_key_is_found(algorithm: str) -> None:
    key = a_key(algorithm)
    for how, what in planted(key):
        haystack = Haystack()
        haystack.add("somewhere", what)
        assert haystack.leaks([of_key("the key", key)]), how
    haystack = Haystack()
    haystack.add("somewhere", [told for _, told in planted(a_key(algorithm))])
    assert not haystack.leaks([of_key("the key", key)])
