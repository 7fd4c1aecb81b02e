"""The tree that the paths of layers make, without levels that only pass on."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b

from archdsl.port.units import Unit

_SUMS = 2**128


@dataclass(eq=False, slots=True)
class Node:
    """A layer (`unit`), or what holds several. `name` is its path below the node that it is compared in.

    `kind` is the same number for all nodes with the same layers in them, whatever their names and order.
    """

    name: tuple[str, ...] = ()
    unit: Unit | None = None
    children: list[Node] = field(default_factory=list)
    kind: int = 0
    size: int = 0
    sum: int = 0
    order: int = 0

    def layers(self) -> Iterator[Unit]:
        """The layers in it, in order."""
        for node in self.nodes():
            if node.unit is not None:
                yield node.unit

    def nodes(self) -> Iterator[Node]:
        """The node and all below it."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))


class Kinds:
    """Numbers for what layers and nodes hold, the same on both sides."""

    def __init__(self) -> None:
        self._known: dict[Hashable, int] = {}

    def of(self, what: Hashable) -> int:
        return self._known.setdefault(what, len(self._known))


def tree_of(units: list[Unit], kinds: Kinds) -> Node:
    """The tree of some layers."""
    root = Node()
    places: dict[tuple[str, ...], Node] = {(): root}
    for unit in units:
        at = root
        for length in range(1, len(unit.path) + 1):
            path = unit.path[:length]
            if path not in places:
                places[path] = Node(path[-1:])
                at.children.append(places[path])
            at = places[path]
        at.unit = unit
    for node in reversed(list(root.nodes())):  # children before parents
        if node.unit is not None and node.children:
            node.children.insert(0, Node((), node.unit))
            node.unit = None
        if len(node.children) == 1 and node is not root:
            only = node.children[0]
            node.name += only.name
            node.unit, node.children = only.unit, only.children
    for node in reversed(list(root.nodes())):
        _measure(node, kinds)
    return root


def _measure(node: Node, kinds: Kinds) -> None:
    """Say what a node holds, its children having been measured. What several hold together is a sum, as it does not
    depend on their order."""
    if node.unit is not None:
        node.kind, node.size, node.order = kinds.of(node.unit.kind), 1, node.unit.order
        node.sum = _number(node.unit.kind)
        return
    node.size = sum(child.size for child in node.children)
    node.sum = sum(child.sum for child in node.children) % _SUMS
    node.order = min((child.order for child in node.children), default=0)
    node.kind = kinds.of((node.size, node.sum))


@lru_cache(maxsize=4096)
def _number(kind: Hashable) -> int:
    """A number for what a layer holds that no sum of others gives by chance."""
    return int.from_bytes(blake2b(repr(kind).encode(), digest_size=16).digest(), "big")
