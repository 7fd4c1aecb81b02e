"""Questions that are asked of a graph while it is rewritten."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Any, TypeVar

from archdsl.graph.model import Graph, Module, Node, Output, Scope, Tensor
from archdsl.layers import Layer, Shape
from archdsl.passes.costs import Judge
from archdsl.passes.done import place

T = TypeVar("T")
#: What is asked of a layer, with the shapes that arrive and those that leave.
Rule = Callable[[Layer, tuple[Shape, ...], tuple[Shape, ...]], T]


class Reading:
    """What a rewrite has to know of a graph before it changes something: who reads a tensor, where a module works.

    `_enter` and `_count` keep it up to date.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.judge = Judge()
        self._readers: dict[Tensor, dict[Node, int]] = {}  # and how often each reads it
        self._measured: dict[Tensor, int] = {}  # how often a size of it is read
        self._leaving: dict[Tensor, int] = {}  # how often it is given out
        self._outputs: dict[Tensor, dict[Output, None]] = {}  # as what it is given out
        self._calls: dict[Module, dict[Node, None]] = {}
        self._called: dict[Module, tuple[Node, ...]] = {}  # the same, for those who asked
        self._copies: dict[Node, tuple[Node, ...]] = {}  # in all calls of its block, until these change
        self._told: dict[tuple[object, ...], Any] = {}
        self._removed: set[Node] = set()
        self._place: dict[Node, float] = {node: i for i, node in enumerate(graph.nodes)}
        for node in graph.nodes:
            self._enter(node)
        for output in graph.outputs:
            for tensor in output.tensors:
                self._leaving[tensor] = self._leaving.get(tensor, 0) + 1
                self._outputs.setdefault(tensor, {})[output] = None

    def __iter__(self) -> Iterator[Node]:
        """Layers at work, in order; those that a pass removes on the way are left out, and new ones do not come."""
        for node in list(self.graph.nodes):
            if node.layer is not None and node not in self._removed:
                yield node

    def readers(self, tensor: Tensor) -> list[Node]:
        """Layers that take a tensor, each once, in the order in which they came to read it."""
        return list(self._readers.get(tensor, ()))

    def count_readers(self, tensor: Tensor) -> int:
        """How many layers take a tensor."""
        return len(self._readers.get(tensor, ()))

    def is_read(self, tensor: Tensor) -> bool:
        """Whether a layer takes it."""
        return bool(self._readers.get(tensor))

    def is_output(self, tensor: Tensor) -> bool:
        """Whether the network gives it out."""
        return self._leaving.get(tensor, 0) > 0

    def is_measured(self, tensor: Tensor) -> bool:
        """Whether a layer reads a size of it as it runs."""
        return self._measured.get(tensor, 0) > 0

    def only_reader(self, tensor: Tensor) -> Node | None:
        """The layer that takes a tensor once, if nothing else reads it and it is not given out."""
        readers = self._readers.get(tensor, {})
        if len(readers) != 1 or self.is_output(tensor):
            return None
        ((node, times),) = readers.items()
        return node if times == 1 else None

    def calls(self, module: Module) -> Sequence[Node]:
        """Where the module of a layer is at work."""
        found = self._called.get(module)
        if found is None:
            found = self._called[module] = tuple(self._calls.get(module, ()))
        return found

    def told(self, rule: Rule[T], node: Node, layer: Layer) -> T:
        """What a rule says of a layer in the place of a node, asked once for the same layer and shapes."""
        xs, ys = tuple(t.shape for t in node.inputs), tuple(t.shape for t in node.outputs)
        key = (rule, layer, xs, ys)
        if key not in self._told:
            self._told[key] = rule(layer, xs, ys)
        found: T = self._told[key]
        return found

    def place_of(self, node: Node) -> float:
        """A number that is larger for what runs later."""
        return self._place[node]

    def is_before(self, node: Node, other: Node) -> bool:
        """Whether a layer runs before another one."""
        return self._place[node] < self._place[other]

    def is_shared(self, node: Node) -> bool:
        """Whether its module works elsewhere too, or stands in a block that is called several times."""
        if node.module is not None and len(self._calls.get(node.module, ())) > 1:
            return True
        scope: Scope | None = node.scope
        while scope is not None:
            if len(scope.module.scopes) > 1:
                return True
            scope = scope.parent
        return False

    def pays(
        self, node: Node, what: str, *, macs: int = 0, values: int = 0, pointwise: int = 0, calls: int = 0
    ) -> bool:
        """Whether a change at a layer is worth it for the target; see archdsl.passes.costs.Judge."""
        return self.judge.pays(place(node), what, macs, values, pointwise, calls)

    def counterparts(self, node: Node) -> Sequence[Node]:
        """The layer wherever its module is at work, in all calls of the block that it stands in too; without a module,
        the layers in its place of all calls. One that is not shared is alone.
        """
        return self.calls(node.module) if node.module is not None else self.in_all_calls(node)

    def in_all_calls(self, node: Node) -> Sequence[Node]:
        """The layers in the same place of all calls of the block that a layer stands in."""
        scopes = node.scope.module.scopes
        if len(scopes) == 1:
            return (node,)
        if node not in self._copies:
            for items in zip_longest(*(scope.items for scope in scopes)):
                nodes = tuple(item for item in items if isinstance(item, Node))
                self._copies.update(dict.fromkeys(nodes, nodes))
        return self._copies[node]

    def are_in_all_calls(self, nodes: Iterable[Node]) -> bool:
        """Whether some layers can go: of a block that is called several times they are there in each call."""
        given = set(nodes)
        left = set(given)
        while left:
            copies = self.in_all_calls(left.pop())
            if not given.issuperset(copies):
                return False
            left.difference_update(copies)
        return True

    def are_counterparts(self, nodes: Sequence[Node]) -> bool:
        """Whether some layers are all those of one module or place, each once."""
        others = self.counterparts(nodes[0])
        return len(nodes) == len(others) and set(nodes) == set(others)

    def _enter(self, node: Node) -> None:
        self._count(node, 1)
        if node.module is not None:
            self._calls.setdefault(node.module, {})[node] = None
            self._called.pop(node.module, None)
        for measure in node.measures:
            self._measured[measure.tensor] = self._measured.get(measure.tensor, 0) + 1

    def _leave(self, node: Node) -> None:
        """A layer is at work no more, or its module is none."""
        if node.module is not None:
            del self._calls[node.module][node]
            self._called.pop(node.module, None)

    def _count(self, node: Node, by: int) -> None:
        for tensor in node.inputs:
            readers = self._readers.setdefault(tensor, {})
            readers[node] = readers.get(node, 0) + by
            if not readers[node]:
                del readers[node]


class All:
    """Whether something holds for all layers of one place, which is asked at each of them: the layer for which it did
    not hold is asked first the next time, and most often it does not yet."""

    def __init__(self) -> None:
        self._against: dict[Node, Node] = {}

    def __call__(self, holds: Callable[[Node], bool], nodes: Sequence[Node]) -> bool:
        before = self._against.get(nodes[0])
        if before is not None and not holds(before):
            return False
        against = next((node for node in nodes if not holds(node)), None)
        if against is not None:
            self._against[nodes[0]] = against
        return against is None


def modules(root: Module) -> Iterator[Module]:
    """A module and all that are inside it, outer ones first."""
    stack = [root]
    while stack:
        module = stack.pop()
        yield module
        stack.extend(reversed(module.children))
