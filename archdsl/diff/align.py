"""Which parts of one list stand for which of another, in order."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest

from archdsl.diff.tree import Item, Signatures
from archdsl.graph.model import Node

Pair = tuple[Item | None, Item | None]
Stretch = tuple[bool, int, int, int, int]

#: Comparisons that lists may take; longer ones are aligned at their ends, and place by place between.
_MOST = 2_000_000


def align(old: list[Item], new: list[Item], signs: Signatures) -> Iterator[Pair]:
    """Pairs of what is the same or has changed; None where one list has nothing.

    First those that are equal in all they hold, then those of one name or kind, then a layer in the place of another
    of its group.
    """
    by_exact = ([signs.exact[item] for item in old], [signs.exact[item] for item in new])
    for equal, a, b, c, d in _stretches(*by_exact):
        if equal:
            yield from zip(old[a:b], new[c:d], strict=True)
        else:
            yield from _alike(old[a:b], new[c:d], signs)


def _alike(old: list[Item], new: list[Item], signs: Signatures) -> Iterator[Pair]:
    """Pairs among parts none of which is the exact counterpart of another."""
    by_identity = ([signs.identity(item) for item in old], [signs.identity(item) for item in new])
    for equal, a, b, c, d in _stretches(*by_identity):
        if equal:
            yield from zip(old[a:b], new[c:d], strict=True)
        else:
            yield from _replaced(old[a:b], new[c:d])


def _replaced(old: list[Item], new: list[Item]) -> Iterator[Pair]:
    """Neighbours in each other's place if all of them are of one group, or of one name; else they came and went."""
    if len(old) == len(new) and all(_stand_for(a, b) for a, b in zip(old, new, strict=True)):
        yield from zip(old, new, strict=True)
    else:
        yield from ((item, None) for item in old)
        yield from ((None, item) for item in new)


def _stand_for(a: Item, b: Item) -> bool:
    if isinstance(a, Node) and isinstance(b, Node):
        return a.layer is not None and b.layer is not None and a.layer.group == b.layer.group
    if isinstance(a, Node) or isinstance(b, Node):
        return False
    return a.module.name == b.module.name


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
