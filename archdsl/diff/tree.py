"""Two networks as trees whose parts can be held against each other."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

from archdsl.graph.model import Graph, ModuleKind, Node, Scope

Item = Node | Scope


class Signatures:
    """Numbers of items of any network: of one number is what is built alike.

    `exact` are equal where every layer has equal arguments, shapes and labels; `identity` where two items are taken
    for the same thing in two versions: of one label, or the same layer or block.
    """

    def __init__(self) -> None:
        self._known: dict[Hashable, int] = {}
        self.exact: dict[Item, int] = {}

    def add(self, graph: Graph) -> None:
        """Sign all items of a network."""
        order = [graph.scope]
        for scope in order:  # grows while it is walked
            order.extend(item for item in items_of(scope) if isinstance(item, Scope))
        for scope in reversed(order):
            for item in items_of(scope):
                if isinstance(item, Node):
                    self.exact[item] = self._number(_facts(item))
            inside = tuple(self.exact[item] for item in items_of(scope))
            self.exact[scope] = self._number(("scope", scope.module.shared, *_identity(scope), inside))

    def identity(self, item: Item) -> int:
        return self._number(_identity(item))

    def _number(self, key: Hashable) -> int:
        return self._known.setdefault(key, len(self._known))


def stands_for(a: Item, b: Item) -> bool:
    """May one be in the other's place: a layer of the same group, a block of the same name?"""
    if isinstance(a, Node) and isinstance(b, Node):
        return a.layer is not None and b.layer is not None and a.layer.group == b.layer.group
    if isinstance(a, Node) or isinstance(b, Node):
        return False
    return a.module.name == b.module.name


def items_of(scope: Scope) -> Iterator[Item]:
    """The items of a scope, those of unlabelled repetitions in place of these."""
    stack: list[Item] = list(reversed(scope.items))
    while stack:
        item = stack.pop()
        if isinstance(item, Scope) and item.module.kind is ModuleKind.REPEAT:
            stack.extend(reversed(item.items))
        else:
            yield item


def nodes_of(item: Item) -> Iterator[Node]:
    """All layers of an item, in the order of the text."""
    stack: list[Item] = [item]
    while stack:
        inner = stack.pop()
        if isinstance(inner, Scope):
            stack.extend(reversed(inner.items))
        else:
            yield inner


def arguments(node: Node) -> dict[str, Any]:
    """What the text says of a layer, by name; of an input, its shape."""
    if node.layer is None:
        return {"shape": tuple(node.outputs[0].shape.dims)}
    return node.layer.values()


def name_of(scope: Scope) -> str | None:
    """The block that a scope calls; None for a labelled group."""
    return scope.module.definition.name if scope.module.definition is not None else None


def _facts(node: Node) -> Hashable:
    values = tuple((name, repr(value)) for name, value in arguments(node).items())
    shapes = tuple(tensor.shape.dims for tensor in node.outputs)
    return ("node", *_identity(node), values, shapes, node.training)


def _identity(item: Item) -> tuple[Hashable, ...]:
    if isinstance(item, Node):
        return ("node", item.operation, item.label or item.input)
    module = item.module
    if item.parent is None:
        return ("network",)
    return (module.kind.value, module.stem, module.label)
