"""Does a layer read from where it did?"""

from __future__ import annotations

from archdsl.graph.model import Node

#: Layers that what came may gather from; beyond that nothing is said of the wiring.
_MOST = 32


class Wiring:
    """The wiring of two networks some of whose layers stand for each other."""

    def __init__(self, pairs: dict[Node, Node]) -> None:
        self._pairs = pairs
        self._paired = {*pairs, *pairs.values()}
        self._reach: dict[Node, frozenset[Node] | None] = {}

    def differs(self, old: Node, new: Node) -> bool:
        """Does the new layer read from elsewhere than the old one did?

        Not where all that came in between, or went, explains it: then what the one reads, through layers without a
        counterpart, is among what the other does. Another number of inputs is a difference.
        """
        if len(old.inputs) != len(new.inputs):
            return True
        for before, after in zip(old.inputs, new.inputs, strict=True):
            if self._pairs.get(before.node) is after.node:
                if before.index != after.index:
                    return True
                continue
            reached = self._from(before.node), self._from(after.node)
            if reached[0] is None or reached[1] is None:
                continue
            mapped = {self._pairs[node] for node in reached[0]}
            if not (mapped <= reached[1] or reached[1] <= mapped):
                return True
        return False

    def _from(self, node: Node) -> frozenset[Node] | None:
        """The nearest layers with counterparts that something comes from; None if there are too many."""
        stack = [node]
        while stack:
            at = stack[-1]
            if at in self._reach:
                stack.pop()
            elif at in self._paired:
                self._reach[at] = frozenset([at])
            elif waiting := [t.node for t in at.inputs if t.node not in self._reach]:
                stack.extend(waiting)
            else:
                self._reach[at] = _union([self._reach[t.node] for t in at.inputs])
        return self._reach[node]


def _union(sets: list[frozenset[Node] | None]) -> frozenset[Node] | None:
    joined: set[Node] = set()
    for one in sets:
        if one is None:
            return None
        joined |= one
    return frozenset(joined) if len(joined) <= _MOST else None
