"""Other people's certificates and keys, brought in over HTTP: each is answered as the table says, and why."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from local.stack import start
from signet.api.bodies.certificate_bodies import MAX_KEY_CHARACTERS
from tests.support.certificates.issued import in_base64, unused_name
from tests.support.certificates.vectors import Vector, certificate_for, expectations, key_expectations
from tests.support.checks.conformance import Conformance
from tests.support.services.over_http import ADMINISTRATORS, CPU_SECONDS, Client, Response, Service, at
from tools.openapi.document import DOCUMENT

# Of what the table says of each file, `make test` asks the reader itself, and of a few over HTTP.
pytestmark = pytest.mark.soak

CREATED = 201
STATUS = {"file_too_large": 413}
EXISTS = "certificate_exists"


@pytest.fixture(scope="module")
def signet() -> Iterator[Service]:
    """A service of its own, which a thousand imports leave in nobody's way; answers are held to the document."""
    with start(workers=3, log=lambda text: None) as stack:
        yield Service(stack, [], Conformance(json.loads(DOCUMENT.read_text())))


@pytest.fixture(scope="module")
def admin(signet: Service) -> Client:
    return signet.caller("admin", ADMINISTRATORS)


def bring(admin: Client, vector: Vector) -> Response:
    body = {"content": in_base64(vector.content), "alias": unused_name("vector")}
    return admin.post("/certificates", body if vector.password is None else {**body, "password": vector.password})


def bring_key(admin: Client, vector: Vector) -> Response:
    body: dict[str, Any] = {"content": in_base64(certificate_for(vector)), "private_key": vector.key_text}
    body["alias"] = unused_name("vector")
    if vector.password is not None:
        body["private_key_password"] = vector.password
    return admin.post("/certificates", body)


def told(vector: Vector, response: Response, *, is_key: bool) -> str | None:
    """What is wrong with `response`; None where it is what the table says."""
    code = "invalid_input" if is_key and len(vector.key_text) > MAX_KEY_CHARACTERS else vector.code
    status = CREATED if code is None else STATUS.get(code, 422)
    # The same certificate lies in several of the files: where it was first, its key may be added, and no more.
    met = {(status, code)} | ({(200, None), (409, EXISTS)} if code is None else set())
    spent = CPU_SECONDS.get(response.headers["apigw-requestid"], 0)
    if (int(response.status), response.code) in met and spent < 20:
        return None
    return f"{vector.name}: {response.status} {response.code} in {spent:.1f} s, not {code}, {vector.reason}"


def wrong(found: Iterable[tuple[Vector, Response]], *, is_key: bool = False) -> list[str]:
    return [said for vector, response in found if (said := told(vector, response, is_key=is_key)) is not None]


def test_every_file_is_answered_as_expected_and_nists_are_in_with_their_keys(signet: Service, admin: Client) -> None:
    # NIST's certificates without their keys are the same again.
    vectors = [vector for vector in expectations() if "/PKITS_data/certs/" not in vector.name]
    with ThreadPoolExecutor(8) as pool:
        responses = list(pool.map(lambda vector: bring(admin, vector), vectors))

    found = list(zip(vectors, responses, strict=True))
    assert not wrong(found)
    answered = Counter(int(response.status) for _, response in found)
    assert answered[CREATED] > 490, answered
    stores = [(vector, response) for vector, response in found if "/PKITS_data/pkcs12/" in vector.name]
    assert len(stores) == 405
    assert sum(vector.code is None for vector, _ in stores) == 400
    # Each sound store has its key in the service now, whichever file its certificate came in by first.
    assert len(signet.stored()["PrivateKeyTable"]) >= 400
    good = next(response for vector, response in stores if vector.name.endswith("/GoodCACert.p12"))
    seen = admin.good("GET", at(good.json["id"] if good.status != 409 else good.json["certificate_id"]))
    assert (seen["subject"], seen["has_private_key"]) == ("CN=Good CA,O=Test Certificates 2011,C=US", True)


def test_every_key_beside_its_certificate_is_answered_as_expected(admin: Client) -> None:
    vectors = list(key_expectations())
    with ThreadPoolExecutor(8) as pool:
        found = list(zip(vectors, pool.map(lambda vector: bring_key(admin, vector), vectors), strict=True))

    assert not wrong(found, is_key=True)
    assert sum(response.status == CREATED for _, response in found) > 20


TOOL_FILES = Path(__file__).parents[2] / "tool_files"
"""What other programs wrote by default; its README says how each was made."""


@pytest.mark.parametrize(
    ("name", "password", "chain"),
    [
        ("ct.aes-256.p12", "pw", 2),
        ("ct.sha512.p12", "pw", 1),
        ("ct.armored.p12", "pw", 0),
        ("ct.null.p12", None, 0),
        ("nss.3des.p12", "pw", 2),
        ("ossl10.p12", "p\u00e4ssw\u00f6rd\u20ac", 0),
        ("both.p12", "pw", 0),
        ("bom_before_key.pem", None, 0),
    ],
)
def test_what_programs_write_by_default_comes_in_with_key_and_path(
    name: str, password: str | None, chain: int, admin: Client
) -> None:
    body = {"content": in_base64((TOOL_FILES / name).read_bytes() + bytes(8)), "alias": unused_name("tool")}
    answer = admin.post("/certificates", body if password is None else {**body, "password": password})
    if answer.status == 409:
        # Some of the files hold one certificate: it is here with its key already.
        assert answer.code == EXISTS
        seen = admin.good("GET", at(answer.json["certificate_id"]))
    else:
        assert int(answer.status) in {200, CREATED}, answer
        seen = answer.json
    assert seen["has_private_key"]
    details = admin.good("GET", at(seen["id"], "details"))
    assert len(details["chain"]) >= chain
