"""From two networks to the list of what differs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from typing import Any

from archdsl.analysis.costs import Costs, count
from archdsl.diff.align import Likeness, align
from archdsl.diff.tree import Item, Signatures, arguments, items_of, name_of, nodes_of, stands_for
from archdsl.diff.wiring import Wiring
from archdsl.graph.model import Graph, Node, Output, Scope
from archdsl.records import record

#: The kinds of changes. `shape` is what follows of others: a layer as it was, at another size.
KINDS = ("added", "removed", "changed", "rewired", "shape")


@record
class Part:
    """One side of a change: a layer, or a block with all that it holds. `params` and `macs` are of all of it."""

    item: Item | Output
    params: int = 0
    macs: int = 0
    layers: int = 0


@record
class Change:
    """What came (`old` is None), went (`new` is None), or is otherwise: `arguments` by name, before and after."""

    kind: str
    old: Part | None
    new: Part | None
    arguments: dict[str, tuple[Any, Any]] = field(default_factory=dict)


@record
class Difference:
    """Two networks and all changes from the first to the second, in the order of their texts.

    `pairs` are the layers that stand for each other. Networks without changes compute the same, name for name.
    """

    old: Graph
    new: Graph
    costs: tuple[Costs, Costs]
    changes: tuple[Change, ...]
    pairs: dict[Node, Node]


def compare(old: Graph, new: Graph) -> Difference:
    """What differs between two networks, in time and memory that grow as they do."""
    comparer = _Comparer(old, new)
    changes = (*comparer.scopes(old.scope, new.scope), *comparer.outputs())
    return Difference(old, new, comparer.costs, changes, comparer.pairs)


class _Comparer:
    def __init__(self, old: Graph, new: Graph) -> None:
        self.old, self.new = old, new
        self.costs = (count(old), count(new))
        self.signs = Signatures()
        self.signs.add(old)
        self.signs.add(new)
        self.like = Likeness(self.signs.exact.__getitem__, self.signs.identity, stands_for)
        self.pairs: dict[Node, Node] = {}

    def scopes(self, old: Scope, new: Scope) -> list[Change]:
        """The changes inside two calls that stand for each other."""
        found: list[Change | tuple[Node, Node]] = []
        stack: list[tuple[Item | None, Item | None]] = [(old, new)]
        while stack:
            one, other = stack.pop()
            if one is None or other is None:
                found.append(self._came_or_went(one, other))
            elif isinstance(one, Node) and isinstance(other, Node):
                self.pairs[one] = other
                found.append((one, other))
            elif isinstance(one, Scope) and isinstance(other, Scope):
                if one is not old and name_of(one) != name_of(other):
                    parts = self._part(one, self.costs[0]), self._part(other, self.costs[1])
                    found.append(Change("changed", *parts, {"block": (name_of(one), name_of(other))}))
                pairs = align(list(items_of(one)), list(items_of(other)), self.like)
                stack.extend(reversed(list(pairs)))
            else:
                found += [self._came_or_went(one, None), self._came_or_went(None, other)]
        wiring = Wiring(self.pairs)
        made: list[Change] = []
        for entry in found:
            made.extend([entry] if isinstance(entry, Change) else self._layers(*entry, wiring))
        return made

    def outputs(self) -> Iterator[Change]:
        """Outputs that came, went, or give something else."""
        old, new = ({output.name: output for output in graph.outputs} for graph in (self.old, self.new))
        for name in {**old, **new}:
            one, other = old.get(name), new.get(name)
            if one is None or other is None:
                parts = (None if one is None else Part(one), None if other is None else Part(other))
                yield Change("added" if one is None else "removed", *parts)
                continue
            changed: dict[str, tuple[Any, Any]] = {
                what: (before, after)
                for what, before, after in (
                    ("shape", _shapes(one), _shapes(other)),
                    ("training", one.training, other.training),
                )
                if before != after
            }
            if changed:
                kind = "shape" if list(changed) == ["shape"] else "changed"
                yield Change(kind, Part(one), Part(other), changed)
            elif [self.pairs.get(t.node) for t in one.tensors] != [t.node for t in other.tensors]:
                yield Change("rewired", Part(one), Part(other))

    def _came_or_went(self, old: Item | None, new: Item | None) -> Change:
        return Change(
            "added" if old is None else "removed",
            self._part(old, self.costs[0]) if old is not None else None,
            self._part(new, self.costs[1]) if new is not None else None,
        )

    def _part(self, item: Item, costs: Costs) -> Part:
        found = [costs.of(node) for node in nodes_of(item) if node.layer is not None]
        return Part(item, sum(cost.params for cost in found), sum(cost.macs for cost in found), len(found))

    def _layers(self, old: Node, new: Node, wiring: Wiring) -> Iterator[Change]:
        """What differs between two layers that stand for each other."""
        before, after = arguments(old), arguments(new)
        changed = {
            name: (before.get(name), after.get(name))
            for name in {**before, **after}
            if repr(before.get(name)) != repr(after.get(name))
        }
        if old.operation != new.operation:
            changed = {"layer": (old.operation, new.operation), **changed}
        if old.training != new.training:
            changed["training"] = (old.training, new.training)
        if _shared(old) != _shared(new):
            changed["shared"] = (_shared(old), _shared(new))
        parts = self._part(old, self.costs[0]), self._part(new, self.costs[1])
        if changed:
            yield Change("changed", *parts, changed)
        if wiring.differs(old, new):
            yield Change("rewired", *parts)
        elif not changed and (sizes := {k: v for k, v in _sizes(old, new).items() if v[0] != v[1]}):
            yield Change("shape", *parts, sizes)


def _sizes(old: Node, new: Node) -> dict[str, tuple[Any, Any]]:
    """Shapes of what two layers take and give."""
    inputs, outputs = (
        [tuple(tuple(t.shape.dims) for t in ts) for ts in pair]
        for pair in ((old.inputs, new.inputs), (old.outputs, new.outputs))
    )
    return {"inputs": (inputs[0], inputs[1]), "outputs": (outputs[0], outputs[1])}


def _shapes(output: Output) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(tensor.shape.dims) for tensor in output.tensors)


def _shared(node: Node) -> bool:
    return node.module is not None and node.module.shared
