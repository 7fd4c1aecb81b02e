"""Graphs made by hand, as the elaborator makes them, for tests of the stages behind it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from archdsl.graph.model import Definition, Graph, Module, ModuleKind, Node, Output, Scope, Tensor
from archdsl.layers import REGISTRY, Shape
from archdsl.source import Source, Span

LINES = 1000
SOURCE = Source("test.arch", "".join(f"element {i + 1}\n" for i in range(LINES)))


def span(line: int) -> Span:
    """The text of a line; lines beyond the last begin again at the first."""
    start = SOURCE.line_starts[(line - 1) % LINES]
    return Span(SOURCE, start, start + len(SOURCE.line((line - 1) % LINES + 1)))


class Builder:
    """Each element stands on a line of its own, the next one unless `at` says another."""

    def __init__(self, model: str = "net") -> None:
        self.line = 0
        here = self._span(None)
        root = Module(ModuleKind.NETWORK, model, None, None, here, definition=Definition(model, "", here))
        self.scope = Scope(root, None, here)
        root.scopes.append(self.scope)
        self.graph = Graph(model, "", root, [], {}, [], SOURCE.name)

    def _span(self, at: int | None) -> Span:
        if at is None:
            self.line += 1
        return span(self.line if at is None else at)

    def _node(self, node: Node, shapes: tuple[Shape, ...]) -> None:
        node.outputs = tuple(Tensor(node, i, shape, node.span) for i, shape in enumerate(shapes))
        self.graph.nodes.append(node)
        self.scope.items.append(node)

    def input(self, name: str, *dims: int) -> Tensor:
        node = Node(len(self.graph.nodes), None, (), self.scope, self._span(None), input=name)
        self._node(node, (Shape(dims),))
        self.graph.inputs[name] = node.outputs[0]
        return node.outputs[0]

    def bundle(
        self,
        name: str,
        *xs: Tensor,
        label: str | None = None,
        at: int | None = None,
        module: Module | None = None,
        **arguments: Any,
    ) -> tuple[Tensor, ...]:
        """Apply a layer; all tensors that leave it. A `module` is one that is shared."""
        here = self._span(at)
        layer = REGISTRY[name](arguments)
        shapes = tuple(x.shape for x in xs)
        outputs = layer.outputs(shapes)
        if module is None and layer.is_module:
            module = Module(ModuleKind.LAYER, name, label, self.scope.module, here, layer=layer)
            self.scope.module.children.append(module)
        if module is not None:
            module.layer = layer
            module.weights, module.buffers = layer.weights(shapes), layer.buffers(shapes)
        node = Node(len(self.graph.nodes), layer, xs, self.scope, here, module, label)
        node.macs = layer.macs(shapes, outputs)
        self._node(node, outputs)
        return node.outputs

    def __call__(self, name: str, *xs: Tensor, **options: Any) -> Tensor:
        return self.bundle(name, *xs, **options)[0]

    def chain(self, x: Tensor, *elements: tuple[str, dict[str, Any]]) -> Tensor:
        for name, options in elements:
            x = self(name, x, **options)
        return x

    def share(self, name: str, label: str) -> Module:
        """A shared layer, declared here."""
        module = Module(ModuleKind.LAYER, name, label, self.scope.module, self._span(None), shared=True)
        self.scope.module.children.append(module)
        return module

    @contextmanager
    def level(
        self,
        kind: ModuleKind,
        stem: str,
        label: str | None = None,
        *,
        at: int | None = None,
        shared: bool = False,
    ) -> Iterator[Module]:
        here = self._span(at)
        definition = Definition(stem, "", here) if kind is ModuleKind.BLOCK else None
        module = Module(kind, stem, label, self.scope.module, here, definition=definition, shared=shared)
        self.scope.module.children.append(module)
        with self.call(module, at=self.line if at is None else at):
            yield module

    def block(self, stem: str, label: str | None = None, **options: Any) -> Any:
        return self.level(ModuleKind.BLOCK, stem, label, **options)

    def group(self, label: str, **options: Any) -> Any:
        return self.level(ModuleKind.GROUP, label, label, **options)

    def repeat(self, stem: str, **options: Any) -> Any:
        return self.level(ModuleKind.REPEAT, stem, None, **options)

    @contextmanager
    def call(self, module: Module, *, at: int | None = None) -> Iterator[Module]:
        """One more call of a module; inside, pass the modules of the first call to the layers."""
        outer = self.scope
        self.scope = Scope(module, outer, self._span(at))
        module.scopes.append(self.scope)
        outer.items.append(self.scope)
        yield module
        self.scope = outer

    def output(self, name: str, *tensors: Tensor, training: bool = False) -> None:
        self.graph.outputs.append(
            Output(name, tensors, self._span(None), training=training, bundle=len(tensors) > 1)
        )
