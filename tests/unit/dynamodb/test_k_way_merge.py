"""Pages out of several partitions hold everything once, and nothing before its turn."""

import pytest

from signet.adapters.dynamodb.queries.k_way_merge import Slice, merged


def page(
    *partitions: list[str], after: str = "", limit: int = 2, descending: bool = False
) -> tuple[list[str], str | None]:
    def is_behind(name: str) -> bool:
        return not after or (name < after if descending else name > after)

    slices = [Slice([(name, name) for name in names if is_behind(name)]) for names in partitions]
    found = merged(slices, limit, descending=descending, same=str)
    return [name for _, name in found.entries], found.next_position


@pytest.mark.parametrize("limit", range(1, 7))
@pytest.mark.parametrize("descending", [False, True])
def test_following_the_positions_gives_everything_once_in_order(limit: int, descending: bool) -> None:
    partitions = [["a", "c", "e"], ["b", "c"], ["d"]]
    if descending:
        partitions = [names[::-1] for names in partitions]

    told, after = page(*partitions, limit=limit, descending=descending)
    while after is not None:
        more, after = page(*partitions, after=after, limit=limit, descending=descending)
        told += more

    assert told == sorted("abcde", reverse=descending)


def test_nothing_is_told_from_behind_the_place_to_which_a_partition_was_read() -> None:
    slices = [Slice([("a", "a")], horizon="b"), Slice([("a1", "a1"), ("c", "c")])]

    found = merged(slices, 5, descending=False, same=str)

    assert [name for _, name in found.entries] == ["a", "a1"]
    assert found.next_position == "b"
