"""Which arrows lead along the main path of a picture, and which skip a part of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from archdsl.draw.picture import Arrow, Box, Cluster, End, Mark


def led(root: Cluster, arrows: list[Arrow], stacked: list[tuple[int, int]]) -> list[Arrow]:
    """The same arrows, knowing of themselves whether they are `main` or `skip`.

    A main arrow is the longest way on from its tail and the longest way to its head, in layers; what is for training
    only is no way on from what is not. An arrow skips what lies on another way from its tail to its head.
    """
    size = _sizes(root)
    after: dict[int, list[int]] = {}
    before: dict[int, list[int]] = {}
    for at, arrow in enumerate(arrows):
        after.setdefault(arrow.tail, []).append(at)
        before.setdefault(arrow.head, []).append(at)
    order = _order(arrows, after, before)
    above: dict[int, int] = {}
    for thing in order:
        above[thing] = size.get(thing, 0) + max(
            (above.get(arrows[at].tail, 0) for at in before.get(thing, ())), default=0
        )
    below: dict[int, int] = {}
    reached: dict[int, int] = {}  # the things that can be reached from each, as bits
    bit = {thing: 1 << place for place, thing in enumerate(order)}
    skips: set[int] = set()
    for thing in reversed(order):
        heads = {arrows[at].head for at in after.get(thing, ())}
        below[thing] = size.get(thing, 0) + max((below.get(head, 0) for head in heads), default=0)
        beyond = 0
        for head in heads:
            beyond |= reached.get(head, 0)
        skips.update(at for at in after.get(thing, ()) if beyond & bit[arrows[at].head])
        reached[thing] = beyond | sum(bit[head] for head in heads)
    out = {
        max(ways, key=lambda at: (not arrows[at].training, below[arrows[at].head], -at))
        for ways in after.values()
    }
    into = {max(ways, key=lambda at: (above[arrows[at].tail], -at)) for ways in before.values()}
    return [
        replace(arrow, main=at in out and at in into, skip=at in skips) for at, arrow in enumerate(arrows)
    ]


def _order(arrows: list[Arrow], after: dict[int, list[int]], before: dict[int, list[int]]) -> list[int]:
    """All things that have arrows, each behind those that lead to it."""
    waiting = {head: len(ways) for head, ways in before.items()}
    order = [tail for tail in after if tail not in waiting]
    for thing in order:  # grows while it is walked
        for at in after.get(thing, ()):
            head = arrows[at].head
            waiting[head] -= 1
            if not waiting[head]:
                order.append(head)
    return order + [head for head, left in waiting.items() if left]


def _sizes(root: Cluster) -> dict[int, int]:
    """How long things are, in layers; titles and forks have no length."""
    return {item.id: item.facts.layers if isinstance(item, Box) else 1 for item in _things(root)}


def _things(root: Cluster) -> Iterator[Box | Mark | End]:
    stack: list[Cluster | Box | Mark | End] = [root]
    while stack:
        item = stack.pop()
        if isinstance(item, Cluster):
            stack.extend(reversed(item.items))
        else:
            yield item
