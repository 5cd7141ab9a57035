"""Other people's certificates and keys, each with what its import answers and why."""

import time

import pytest

from signet.adapters.certificate_files.certificate_file import read_certificate_file
from signet.adapters.certificate_files.keys.compromised_keys import SHIPPED, CompromisedKeys
from signet.domain.errors import SignetError
from tests.support.certificates.vectors import Vector, certificate_for, expectations, key_expectations

PUBLIC = CompromisedKeys.load(SHIPPED)


def answer(content: bytes, password: str | None, key: str | None = None, key_password: str | None = None) -> str | None:
    """The code of the refusal; None where there is none."""
    start = time.process_time()
    try:
        read_certificate_file(
            content, password=password, private_key=key, private_key_password=key_password, compromised=PUBLIC
        )
    except SignetError as error:
        return error.code
    finally:
        assert time.process_time() - start < 6  # 2 on a core of its own; what has no bound takes minutes
    return None


@pytest.mark.one_in(4)
@pytest.mark.parametrize("vector", list(expectations()), ids=lambda vector: vector.name)
def test_a_file_is_answered_as_expected(vector: Vector) -> None:
    assert answer(vector.content, vector.password) == vector.code, vector.reason


@pytest.mark.one_in(4)
@pytest.mark.parametrize("vector", list(key_expectations()), ids=lambda vector: vector.name)
def test_a_key_beside_its_certificate_is_answered_as_expected(vector: Vector) -> None:
    assert answer(certificate_for(vector), None, vector.key_text, vector.password) == vector.code, vector.reason


def test_all_of_nists_key_stores_are_there_and_most_come_in_with_their_keys() -> None:
    stores = [vector for vector in expectations() if vector.name.startswith("x509/PKITS_data/pkcs12/")]

    assert len(stores) == 405
    assert sum(vector.code is None for vector in stores) == 400
    sound = next(vector for vector in stores if vector.name.endswith("/GoodCACert.p12"))
    file = read_certificate_file(sound.content, password="password", private_key=None, private_key_password=None)
    assert file.private_key is not None
    assert file.facts.subject == "CN=Good CA,O=Test Certificates 2011,C=US"


@pytest.mark.parametrize(
    ("name", "friendly_name"),
    [("name-1-pwd", "name"), ("name-all-pwd", "name"), ("name-unicode-pwd", "☺"), ("name-2-pwd", None)],
)
def test_the_friendly_name_is_that_of_the_certificate_with_the_key(name: str, friendly_name: str | None) -> None:
    vector = next(vector for vector in expectations() if vector.path.name == f"{name}.p12")
    file = read_certificate_file(vector.content, password="password", private_key=None, private_key_password=None)
    assert file.friendly_name == friendly_name


@pytest.mark.parametrize("password", [None, "", "Password", "password ", "пароль", "x" * 10_000])
def test_a_wrong_password_is_told_from_none(password: str | None) -> None:
    vector = next(vector for vector in expectations() if vector.path.name == "GoodCACert.p12")
    assert answer(vector.content, password) == ("password_required" if password is None else "wrong_password")
