"""A cursor is of use to its caller, for its query."""

import pytest

from signet.adapters.dynamodb.cursors import AuthenticatedCursors
from signet.domain.access.principal import Principal
from signet.domain.errors import BadCursorError

ALICE, BOB = Principal("corp/alice"), Principal("corp/bob")
CURSORS = AuthenticatedCursors(lambda: b"a secret of the deployment")
CURSOR = CURSORS.make("crt_1", query="all", by=ALICE) or ""


def test_it_opens_to_the_position_that_it_was_made_of() -> None:
    assert CURSORS.open(CURSOR, query="all", by=ALICE) == "crt_1"


@pytest.mark.parametrize(
    ("cursor", "query", "by"),
    [(CURSOR, "all", BOB), (CURSOR, "some", ALICE), (CURSOR[:-1], "all", ALICE), (f"{CURSOR}=", "all", ALICE)],
)
def test_another_caller_another_query_and_another_text_open_nothing(cursor: str, query: str, by: Principal) -> None:
    with pytest.raises(BadCursorError):
        CURSORS.open(cursor, query=query, by=by)
