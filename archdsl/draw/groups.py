"""What stands in no block, and is too much to be drawn, in groups: each of them one box."""

from __future__ import annotations

from collections.abc import Iterator

from archdsl.draw.fold import Frame, Leaf
from archdsl.draw.readings import origin
from archdsl.draw.trim import leaves_of
from archdsl.graph.model import Node

#: As many groups stand for a network in which no part is denser than another.
_GROUPS = 20
#: Arrows for each of its items from which on a part is dense.
_DENSE = 3


def gather(root: Frame) -> bool:
    """Put the items of a network in groups, so that few stand side by side; gives whether there are any.

    A group ends where a single tensor leads on. Where none does, or too often, groups are of equal size.
    """
    ends = [isinstance(item, Leaf) and item.node.layer is None for item in root.items]
    parts = list(_parts(root))
    if len(parts) > _GROUPS:
        size = -(-len(parts) // _GROUPS)
        parts = [range(some[0].start, some[-1].stop) for some in _cut(parts, size)]
    items: list[Leaf | Frame] = []
    for part in parts:
        inside = [root.items[at] for at in part if not ends[at]]
        items.extend(root.items[at] for at in part if ends[at])
        items.extend(inside if len(inside) < 2 else [Frame([], items=inside, name=_name(inside))])
    changed = len(items) < len(root.items)
    root.items = items
    return changed


def _cut(parts: list[range], size: int) -> Iterator[list[range]]:
    for at in range(0, len(parts), size):
        yield parts[at : at + size]


def _parts(root: Frame) -> Iterator[range]:
    """The items between two places where a single tensor leads on."""
    place: dict[Node, int] = {}
    for at, item in enumerate(root.items):
        for leaf in _leaves(item):
            place.update((node, at) for node in leaf.nodes)
    last: dict[tuple[Node, int], int] = {}  # of each tensor, the item that reads it last
    for at, item in enumerate(root.items):
        for leaf in _leaves(item):
            for tensor in map(origin, leaf.inputs):
                if place.get(tensor.node, at) < at:
                    last[tensor.node, tensor.index] = at
    begun: dict[int, int] = {}
    ended: dict[int, int] = {}
    for (node, _), at in last.items():
        begun[place[node]] = begun.get(place[node], 0) + 1
        ended[at] = ended.get(at, 0) + 1
    start = live = 0
    for at in range(len(root.items)):
        live += begun.get(at, 0) - ended.get(at, 0)
        if live <= 1:
            yield range(start, at + 1)
            start = at + 1
    if start < len(root.items):
        yield range(start, len(root.items))


def _leaves(item: Leaf | Frame) -> Iterator[Leaf]:
    return iter([item]) if isinstance(item, Leaf) else leaves_of(item)


def _name(items: list[Leaf | Frame]) -> str:
    """`dense`, or the first and the last layer."""
    leaves = [leaf for item in items for leaf in _leaves(item)]
    if sum(len(leaf.inputs) for leaf in leaves) > _DENSE * len(leaves):
        return "dense"
    first, last = (_called(leaf.node) for leaf in (leaves[0], leaves[-1]))
    return first if first == last else f"{first} … {last}"


def _called(node: Node) -> str:
    return node.path or node.operation
