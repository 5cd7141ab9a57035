"""What is signed, and what a program is told that calls wrongly."""

import pytest

from tests.support.programs.pkcs11_program import (
    Pkcs11Program,
    RefusedCallError,
)

DATA = b"release.tar.gz"


def refused(program: Pkcs11Program, number: int, *arguments: bytes) -> int:
    with pytest.raises(RefusedCallError) as caught:
        program.call(number, *arguments)
    return caught.value.rv
