"""Which parts of a network are built alike: equal numbers of equal structures, found in linear time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from archdsl.graph.boundary import boundaries
from archdsl.graph.model import Graph, Module, ModuleKind, Node, Output, Scope, Tensor
from archdsl.layers import Layer

Item = Node | Scope
#: Where a tensor that an item reads comes from: the index of an item of the same list and the tensor's place
#: in it, or -1 and the tensor itself if it comes from outside.
Ref = tuple[int, Any]
#: Numbers of a part of the network: arguments of its layers, and channels of what leaves them.
Vector = tuple[list[float], list[float]]
#: Groups of layers that are drawn small, beside others.
MINOR = frozenset(["normalisation", "activation", "regularisation"])
#: Arguments in which copies may not differ: another kernel makes another layer, more channels do not.
_FIXED = frozenset(["kernel", "stride", "size", "heads", "axis", "axes"])


@dataclass(slots=True)
class Level:
    """What one scope holds, repetitions without label laid open, with who reads what."""

    scope: Scope
    items: list[Item]
    refs: list[tuple[Ref, ...]] = field(default_factory=list)
    readers: list[list[tuple[int, Any]]] = field(default_factory=list)  # of each item: (reading item, place)
    leaving: list[list[tuple[Any, Tensor]]] = field(default_factory=list)  # of each item: (place, tensor)


class Signatures:
    """Signatures of all items. `shape` is equal where only numbers differ, `exact` where no drawing differs."""

    def __init__(self, graph: Graph) -> None:
        self.levels: dict[Scope, Level] = {}
        self.shape: dict[Item, int] = {}
        self.exact: dict[Item, int] = {}
        self.text: dict[Node, str] = {}  # what a drawing says of a layer
        self.outer_readers: dict[Tensor, list[Node | Output]] = {}
        self._known: dict[tuple[Any, ...], int] = {}
        self._arguments: dict[Layer, tuple[tuple[Any, ...], tuple[float, ...]]] = {}
        self._numbers: dict[int, Vector] = {}
        self._first: dict[Item, int] = {}  # the number of an item's first node
        self._shared: dict[Module, int] = {}
        self._nodes = graph.nodes
        self._boundaries = boundaries(graph)
        self._read(graph)
        for scope in reversed(list(_scopes(graph))):
            if scope.module.kind is not ModuleKind.REPEAT:
                self._sign(scope)

    def _read(self, graph: Graph) -> None:
        """Remember who reads the tensors that leave a scope."""
        left = {t for boundary in self._boundaries.values() for t in boundary.leaving}
        for node in graph.nodes:
            for tensor in node.inputs:
                if tensor in left:
                    self.outer_readers.setdefault(tensor, []).append(node)
        for output in graph.outputs:
            for tensor in output.tensors:
                self.outer_readers.setdefault(tensor, []).append(output)

    def _sign(self, scope: Scope) -> None:
        level = self.levels[scope] = Level(scope, list(_open(scope)))
        made: dict[Tensor, Ref] = {}
        for at, item in enumerate(level.items):
            if isinstance(item, Node):
                self._first[item] = item.id
                self._sign_node(item)
                leaving: tuple[Tensor, ...] | list[Tensor] = item.outputs
            else:
                leaving = self._boundaries[item].leaving
            made.update((t, (at, (t.node.id - self._first[item], t.index))) for t in leaving)
        left = set(self._boundaries[scope].leaving)
        level.leaving = [[] for _ in level.items]
        level.readers = [[] for _ in level.items]
        for tensor, (at, place) in made.items():
            if tensor in left:
                level.leaving[at].append((place, tensor))
        for at, item in enumerate(level.items):
            read = item.inputs if isinstance(item, Node) else self._boundaries[item].entering
            refs = tuple(made.get(tensor, (-1, tensor)) for tensor in read)
            level.refs.append(refs)
            for source, place in refs:
                if source >= 0:
                    level.readers[source].append((at, place))
        self._sign_scope(level)

    def _sign_node(self, node: Node) -> None:
        shape = self.shape[node] = self._intern(self._node_key(node))
        layer = node.layer
        text = layer.describe(tuple(t.shape for t in node.inputs)) if layer is not None else node.input
        self.text[node] = text
        self.exact[node] = self._intern(("exact", shape, text, *(t.shape.dims for t in node.outputs)))

    def _sign_scope(self, level: Level) -> None:
        outside: dict[Tensor, int] = {}
        wires = tuple(
            tuple(
                (at - source, place) if source >= 0 else (0, outside.setdefault(place, len(outside)))
                for source, place in refs
            )
            for at, refs in enumerate(level.refs)
        )
        module = level.scope.module
        head = (
            "scope",
            module.kind,
            plain(module.stem),
            plain(module.label or ""),
            self._mark(module),
            wires,
        )
        items = level.items
        self._first[level.scope] = self._first[items[0]] if items else 0
        self.shape[level.scope] = self._intern((*head, *(self.shape[i] for i in items)))
        self.exact[level.scope] = self._intern(("exact", *head, *(self.exact[i] for i in items)))

    def _node_key(self, node: Node) -> tuple[Any, ...]:
        if node.layer is None:
            return ("input", node.id)
        return (
            node.layer.name,
            self._split(node.layer)[0],
            plain(node.label or ""),
            self._mark(node.module) if node.module is not None else 0,
            node.training,
            len(node.inputs),
            tuple((t.shape.tokens, t.shape.spatial) for t in node.outputs),
        )

    def numbers(self, item: Item) -> Vector:
        """The numbers that copies may differ in. They are looked up once for items that are drawn alike."""
        found = self._numbers.get(self.exact[item])
        if found is None:
            arguments: list[float] = []
            channels: list[float] = []
            for node in self._inside(item):
                arguments.extend(self._split(node.layer)[1] if node.layer is not None else ())
                channels.extend(t.shape.channels if t.shape.dims else 0 for t in node.outputs)
            found = self._numbers[self.exact[item]] = (arguments, channels)
        return found

    def _inside(self, item: Item) -> Iterator[Node]:
        """The nodes of an item, in the order of the text."""
        stack = [item]
        while stack:
            top = stack.pop()
            if isinstance(top, Node):
                yield top
            else:
                stack.extend(reversed(self.levels[top].items))

    def tensor(self, level: Level, ref: Ref) -> Tensor:
        """The tensor that a reference means."""
        at, place = ref
        if at < 0:
            outside: Tensor = place
            return outside
        made: Tensor = self._nodes[self._first[level.items[at]] + place[0]].outputs[place[1]]
        return made

    def _split(self, layer: Layer) -> tuple[tuple[Any, ...], tuple[float, ...]]:
        found = self._arguments.get(layer)
        if found is None:
            numbers: list[float] = []
            frame = tuple(
                repr(value) if name in _FIXED else _take(value, numbers)
                for name, value in layer.values().items()
            )
            found = self._arguments[layer] = (frame, tuple(numbers))
        return found

    def _mark(self, module: Module) -> int:
        """0, or a number of its own for a shared module: only its own calls are its copies."""
        return self._shared.setdefault(module, len(self._shared) + 1) if module.shared else 0

    def _intern(self, key: tuple[Any, ...]) -> int:
        return self._known.setdefault(key, len(self._known))


def plain(label: str) -> str:
    """A label without its numbers."""
    return re.sub(r"\d+", "#", label)


def _take(value: Any, numbers: list[float]) -> Any:
    """Move the numbers of a value to a list; what is left stands for its form."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        numbers.append(value)
        return "#"
    if isinstance(value, (tuple, list)):
        return tuple(_take(v, numbers) for v in value)
    return repr(value)


def _scopes(graph: Graph) -> Iterator[Scope]:
    """All scopes, each before those inside it."""
    order = [graph.scope]
    for scope in order:  # grows while it is walked
        yield scope
        order.extend(item for item in scope.items if isinstance(item, Scope))


def _open(scope: Scope) -> Iterator[Item]:
    """The items of a scope, with those of unlabelled repetitions in place of these."""
    stack: list[Item] = list(reversed(scope.items))
    while stack:
        item = stack.pop()
        if isinstance(item, Scope) and item.module.kind is ModuleKind.REPEAT:
            stack.extend(reversed(item.items))
        else:
            yield item
