"""Changes of a graph in place."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from archdsl.graph.folds import Argument, Fold
from archdsl.graph.model import Graph, Measure, Module, ModuleKind, Node, Scope, Tensor
from archdsl.graph.naming import assign_names
from archdsl.graph.prune import clean
from archdsl.layers import Layer, Shape
from archdsl.passes.reading import Reading, modules

T = TypeVar("T")


class Rewriting(Reading):
    """A graph that is being rewritten.

    Changes of the order (`insert`, `remove`, `move`) are collected; `settle` carries them out, after each pass. What
    reads a tensor is known at any time.
    """

    def __init__(self, graph: Graph) -> None:
        super().__init__(graph)
        self._before: dict[Node, list[Node]] = {}
        self._behind: dict[Node, list[Node]] = {}
        self._before_calls: dict[Scope, list[Node]] = {}
        self._before_first: dict[Node, list[Node]] = {}  # the same, by the first layer of the call
        self._moved: set[Node] = set()
        self._instead: dict[Tensor, Tensor] = {}
        self._layers: dict[tuple[object, ...], tuple[Any, tuple[Any, ...]]] = {}
        for module in modules(graph.root):
            module.origin = module.path

    def fold(self, function: str, *arguments: Argument) -> None:
        """Note a step on the weights; see archdsl.graph.folds."""
        self.graph.folds.append(Fold(function, arguments))

    def altered(self, layer: T, **values: Any) -> T:
        """A layer with other values; the same one for the same layer and values, as copies of a block share theirs."""
        other: T = self.made(_altered, layer, *sorted(values.items()))
        return other

    def made(self, make: Callable[..., T], *given: Any) -> T:
        """What `make` makes of some layers and values, once for the same ones, as copies of a block share theirs."""
        key = (make, *(id(g) if isinstance(g, Layer) else g for g in given))
        entry: tuple[T, tuple[Any, ...]] | None = self._layers.get(key)
        if entry is None:
            entry = self._layers[key] = (make(*given), given)  # what is given stays alive, and so its id
        found: T = entry[0]
        return found

    def set_layer(self, node: Node, layer: Layer) -> None:
        """Another layer in the same place, with the same module; the shapes that leave stay."""
        node.layer = layer
        if node.module is not None and layer.is_module:
            self._own(node.module, layer, node.inputs)
        elif node.module is not None:
            self._leave(node)
            node.module = None
        node.macs = layer.macs(tuple(t.shape for t in node.inputs), tuple(t.shape for t in node.outputs))

    def set_inputs(self, node: Node, tensors: Sequence[Tensor]) -> None:
        """Let a layer take other tensors."""
        self._count(node, -1)
        node.inputs = tuple(tensors)
        self._count(node, 1)

    def exchange(self, node: Node, tensor: Tensor, instead: Tensor) -> None:
        """Let a layer take one tensor instead of another."""
        node.inputs = tuple(instead if t is tensor else t for t in node.inputs)
        times = self._readers[tensor].pop(node)
        readers = self._readers.setdefault(instead, {})
        readers[node] = readers.get(node, 0) + times

    def set_shape(self, tensor: Tensor, shape: Shape) -> None:
        tensor.shape = shape

    def redirect(self, tensor: Tensor, instead: Tensor, but: Iterable[Node] = ()) -> None:
        """Let all that reads `tensor` read `instead`, `but` some; so do sizes, outputs and names."""
        spared = set(but)
        for node in self.readers(tensor):
            if node not in spared:
                self.exchange(node, tensor, instead)
        instead.names += [name for name in tensor.names if name not in instead.names]
        for output in self._outputs.pop(tensor, ()):
            output.tensors = tuple(instead if t is tensor else t for t in output.tensors)
            self._outputs.setdefault(instead, {})[output] = None
        self._leaving[instead] = self._leaving.get(instead, 0) + self._leaving.pop(tensor, 0)
        self._measured[instead] = self._measured.get(instead, 0) + self._measured.pop(tensor, 0)
        self._instead[tensor] = instead

    def bypass(self, node: Node) -> None:
        """Remove a layer that gives what it takes."""
        self.redirect(node.outputs[0], node.inputs[0])
        self.remove(node)

    def remove(self, node: Node) -> None:
        """Remove a layer that nothing reads."""
        self._count(node, -1)
        self._removed.add(node)
        self._leave(node)

    def insert(
        self,
        layer: Layer,
        inputs: Sequence[Tensor],
        *,
        before: Node | Scope | None = None,
        behind: Node | None = None,
        module: Module | None = None,
    ) -> Node:
        """A new layer, in the scope of the layer or call that it stands next to; `module` is its own, if it is one."""
        item = before if before is not None else behind
        assert item is not None
        beside: Node | Scope = item
        while isinstance(beside, Scope):
            beside = beside.items[0]
        xs = tuple(t.shape for t in inputs)
        node = Node(-1, layer, tuple(inputs), _around(item), beside.span, module)
        node.outputs = tuple(Tensor(node, i, shape, beside.span) for i, shape in enumerate(layer.outputs(xs)))
        node.macs = layer.macs(xs, tuple(t.shape for t in node.outputs))
        if module is not None:
            self._own(module, layer, node.inputs)
        self._enter(node)
        if isinstance(item, Scope):
            self._before_calls.setdefault(item, []).append(node)
            self._before_first.setdefault(beside, []).append(node)
        else:
            (self._behind if before is None else self._before).setdefault(beside, []).append(node)
        self._place[node] = self._place[beside] + (0.25 if before is None else -0.25)
        return node

    def enter(
        self, layer: Layer, tensor: Tensor, item: Node | Scope, but: Collection[Node] = frozenset()
    ) -> Node:
        """A new layer of `tensor`, no module, right before a layer or a call; what is inside that and behind it in the
        same scope, `but` some, reads what the layer gives instead."""
        node = self.insert(layer, [tensor], before=item)
        inside = [one for one in self.readers(tensor) if one is not node and self.is_before(node, one)]
        for reader in sorted(inside, key=self.place_of, reverse=True):
            around: list[Scope] = []
            scope: Scope | None = reader.scope
            while scope is not None and scope is not node.scope:
                around.append(scope)
                scope = scope.parent
            if scope is None:  # it is called elsewhere
                continue
            for inner in around:
                inner.arriving = tuple(node.outputs[0] if t is tensor else t for t in inner.arriving)
            if reader not in but:
                self.exchange(reader, tensor, node.outputs[0])
        return node

    def new_module(self, stem: str, beside: Node | Scope, origin: str) -> Module:
        """A module for a new layer, in the module that `beside` is called in; `origin` is what folds call it."""
        parent = _around(beside).module
        module = Module(ModuleKind.LAYER, stem, None, parent, beside.span)
        module.origin = origin
        at = len(parent.children)
        if beside.module in parent.children:
            at = parent.children.index(beside.module)
        parent.children.insert(at, module)
        return module

    def move(self, node: Node, before: Node) -> None:
        """Let a layer run later or sooner: right before another one of the same scope."""
        assert node.scope is before.scope
        self._moved.add(node)
        self._before.setdefault(before, []).append(node)
        self._place[node] = self._place[before] - 0.25

    # --- in the end ----------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Carry out the changes of the order."""
        changes = (self._before, self._behind, self._before_calls, self._removed, self._instead)
        if not any(changes):  # a move has a `before`
            return
        graph = self.graph
        touched = {node.scope: None for node in (*self._before, *self._behind, *self._removed)}
        touched |= {scope.parent: None for scope in self._before_calls if scope.parent is not None}
        for scope in touched:
            scope.items = list(self._in_order(scope.items))
        graph.nodes = [node for node in self._in_order(graph.nodes, flat=True) if isinstance(node, Node)]
        self._before, self._behind, self._removed, self._moved = {}, {}, set(), set()
        self._before_calls, self._before_first = {}, {}
        self._copies = {}
        self._place = {node: i for i, node in enumerate(graph.nodes)}
        if self._instead:
            for module in modules(graph.root):
                for scope in module.scopes:
                    scope.arriving = tuple(map(self._now, scope.arriving))
                module.arguments = {name: self._value(value) for name, value in module.arguments.items()}
            for node in graph.nodes:
                if node.measures:
                    node.measures = tuple(
                        Measure(m.parameter, self._now(m.tensor), m.axis) for m in node.measures
                    )
            self._instead = {}

    def finish(self) -> None:
        """Settle, leave out modules without work, number the nodes, and name the modules that are left."""
        self.settle()
        clean(self.graph)
        for number, node in enumerate(self.graph.nodes):
            node.id = number
        assign_names(self.graph)

    def _in_order(
        self, items: Iterable[Node | Scope], placed: bool = False, flat: bool = False
    ) -> Iterator[Node | Scope]:
        for item in items:
            if isinstance(item, Scope):
                yield from self._before_calls.get(item, ())
                yield item
                continue
            if flat:
                yield from self._before_first.get(item, ())
            if item in self._moved and not placed:
                continue
            yield from self._in_order(self._before.get(item, ()), True)
            if item not in self._removed:
                yield item
            yield from self._in_order(self._behind.get(item, ()), True)

    def _now(self, tensor: Tensor) -> Tensor:
        while tensor in self._instead:
            tensor = self._instead[tensor]
        return tensor

    def _value(self, value: Any) -> Any:
        if isinstance(value, Tensor):
            return self._now(value)
        if isinstance(value, (list, tuple)) and any(isinstance(v, Tensor) for v in value):
            return type(value)(map(self._value, value))
        return value

    def _own(self, module: Module, layer: Layer, inputs: Sequence[Tensor]) -> None:
        xs = tuple(t.shape for t in inputs)
        module.layer = layer
        module.weights = layer.weights(xs)
        module.buffers = layer.buffers(xs)


def _around(item: Node | Scope) -> Scope:
    """The call that a layer or a call is part of."""
    scope = item.scope if isinstance(item, Node) else item.parent
    assert scope is not None
    return scope


def _altered(layer: T, *values: tuple[str, Any]) -> T:
    other = copy.copy(layer)
    other.__dict__.update(dict(values))
    return other
