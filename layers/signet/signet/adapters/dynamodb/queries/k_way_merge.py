"""One page out of several partitions that are each sorted: merged, without a gap and without a double."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Slice(Generic[T]):
    """What one partition gave, in order."""

    entries: Sequence[tuple[str, T]]
    """By position."""
    horizon: str | None = None
    """How far it was looked; None where it was looked to its end."""


@dataclass(frozen=True, slots=True)
class Merged(Generic[T]):
    """The beginning of all partitions together."""

    entries: tuple[tuple[str, T], ...]
    next_position: str | None
    """Behind which the next page begins; None where nothing is left."""


def merged(slices: Iterable[Slice[T]], limit: int, *, descending: bool, same: Callable[[T], str]) -> Merged[T]:
    """The first `limit` entries of all `stretches`; what is the `same` is taken once.

    Nothing is taken from behind a horizon: the partition that has it may hold something before.
    """
    known = list(slices)
    horizons = [stretch.horizon for stretch in known if stretch.horizon is not None]
    nearest = (max(horizons) if descending else min(horizons)) if horizons else None
    entries = sorted(
        {same(entry[1]): entry for stretch in known for entry in stretch.entries}.values(),
        key=lambda entry: entry[0],
        reverse=descending,
    )
    if nearest is not None:
        entries = [entry for entry in entries if (entry[0] >= nearest if descending else entry[0] <= nearest)]
    taken = tuple(entries[:limit])
    if len(entries) > limit:
        return Merged(taken, taken[-1][0])
    return Merged(taken, nearest)
