"""Every error has a status, or a reason why callers never see it."""

from collections import Counter

import pytest

from signet.api.problems import STATUS
from signet.domain import errors
from signet.domain.errors import FieldsError, SignetError

# These never leave: an operation decides again, the authorizer lets nobody in, or the fault is ours (500).
NEVER_LEAVES = {
    "ChangedMeanwhileError",
    "InvalidTokenError",
    "IssuerUnreachableError",
    "BrokenWrappedKeyError",
}

KINDS = {SignetError, FieldsError}  # What several errors have in common; neither is ever raised itself.

ALL = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, SignetError) and kind not in KINDS
]


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_an_error_has_a_status_unless_it_never_leaves(kind: type[SignetError]) -> None:
    assert (kind in STATUS) != (kind.__name__ in NEVER_LEAVES)


def test_what_callers_see_has_one_code_and_status_each() -> None:
    # The contract has two codes twice: of a use that is refused, and of a CA's answer that cannot be taken.
    told = [(kind.code, status) for kind, status in STATUS.items()]
    codes = Counter(code for code, _ in told)

    assert len(set(told)) == len(told)
    assert {code for code, count in codes.items() if count > 1} == {"certificate_expired", "certificate_not_yet_valid"}


def test_every_error_lies_in_the_domain_and_is_imported_from_one_place() -> None:
    def descendants(kind: type[SignetError]) -> set[type[SignetError]]:
        return {each for child in kind.__subclasses__() for each in {child, *descendants(child)}}

    assert descendants(SignetError) - KINDS == set(ALL)
    assert {kind.__module__.rpartition(".")[0] for kind in ALL} == {errors.__name__}
