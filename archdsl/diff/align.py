"""Which parts of one list stand for which of another, in order."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Generic, TypeVar

from archdsl.records import record

T = TypeVar("T")
Stretch = tuple[bool, int, int, int, int]

#: Comparisons that lists may take; longer ones are aligned at their ends, and place by place between.
_MOST = 2_000_000


@record
class Likeness(Generic[T]):
    """When two parts are taken for one: `exact` keys are equal where they are alike in all they hold, `identity` keys
    where they have one name or kind; `stands_for` tells whether one may be in the other's place."""

    exact: Callable[[T], Hashable]
    identity: Callable[[T], Hashable]
    stands_for: Callable[[T, T], bool]


def align(old: Sequence[T], new: Sequence[T], like: Likeness[T]) -> Iterator[tuple[T | None, T | None]]:
    """Pairs of what is the same or has changed, in order; None where one list has nothing.

    First those that are equal in all they hold, then those of one name or kind, then neighbours each of which is in
    the other's place.
    """
    for equal, a, b, c, d in _stretches(
        [like.exact(item) for item in old], [like.exact(item) for item in new]
    ):
        if equal:
            yield from zip(old[a:b], new[c:d], strict=True)
        else:
            yield from _alike(old[a:b], new[c:d], like)


def _alike(old: Sequence[T], new: Sequence[T], like: Likeness[T]) -> Iterator[tuple[T | None, T | None]]:
    """Pairs among parts none of which is the exact counterpart of another."""
    names = ([like.identity(item) for item in old], [like.identity(item) for item in new])
    for equal, a, b, c, d in _stretches(*names):
        if equal or (b - a == d - c and all(map(like.stands_for, old[a:b], new[c:d]))):
            yield from zip(old[a:b], new[c:d], strict=True)
        else:
            yield from ((item, None) for item in old[a:b])
            yield from ((None, item) for item in new[c:d])


def _stretches(old: Sequence[Hashable], new: Sequence[Hashable]) -> Iterator[Stretch]:
    """Where two lists are equal and where not: `(equal, from, to, from, to)`. Equal ends are found first."""
    start = _common(old, new)
    most = min(len(old), len(new)) - start
    end = min(_common(old[::-1], new[::-1]), most)
    a, b = len(old) - end, len(new) - end
    if start:
        yield (True, 0, start, 0, start)
    if (a - start) * (b - start) > _MOST:
        yield from _by_place(old[start:a], new[start:b], start)
    elif a > start or b > start:
        matcher = SequenceMatcher(None, old[start:a], new[start:b], autojunk=False)
        for tag, i, j, k, m in matcher.get_opcodes():
            yield (tag == "equal", i + start, j + start, k + start, m + start)
    if end:
        yield (True, a, len(old), b, len(new))


def _by_place(old: Sequence[Hashable], new: Sequence[Hashable], start: int) -> Iterator[Stretch]:
    """Each with the one at its place."""
    nothing = object()
    for at, (one, other) in enumerate(zip_longest(old, new, fillvalue=nothing), start):
        yield (one == other, at, at + (one is not nothing), at, at + (other is not nothing))


def _common(old: Sequence[Hashable], new: Sequence[Hashable]) -> int:
    """How many first members are equal."""
    for at, (one, other) in enumerate(zip(old, new, strict=False)):
        if one != other:
            return at
    return min(len(old), len(new))
