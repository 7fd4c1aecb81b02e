"""A graph once more, for those who change it."""

from __future__ import annotations

from copy import copy
from typing import Any

from archdsl.graph.model import Graph, Measure, Module, Node, Scope, Tensor


def copied(graph: Graph) -> Graph:
    """The same network with nodes, tensors, modules and scopes of its own; layers and what is of the text is shared."""
    tensors: dict[Tensor, Tensor] = {}
    items: dict[Node | Scope, Node | Scope] = {}
    modules = _modules(graph.root)
    scopes: dict[Scope, Scope] = {}
    for module in modules:
        for scope in module.scopes:
            items[scope] = scopes[scope] = copy(scope)
    nodes = {node: copy(node) for node in graph.nodes}
    items.update(nodes.items())
    for node, other in nodes.items():
        other.scope = scopes[node.scope]
        other.module = None if node.module is None else modules[node.module]
        other.outputs = tuple(map(copy, node.outputs))
        for tensor, made in zip(node.outputs, other.outputs, strict=True):
            made.node, made.names = other, list(tensor.names)
            tensors[tensor] = made

    def now(tensor: Tensor) -> Tensor:
        return tensors.get(tensor, tensor)  # what no layer is left of stays

    def value(given: Any) -> Any:
        if isinstance(given, Tensor):
            return now(given)
        if isinstance(given, (list, tuple)) and any(isinstance(one, Tensor) for one in given):
            return type(given)(map(value, given))
        return given

    for node, other in nodes.items():
        other.inputs = tuple(map(now, node.inputs))
        if node.measures:
            other.measures = tuple(Measure(m.parameter, now(m.tensor), m.axis) for m in node.measures)
    for scope, its in scopes.items():
        its.module = modules[scope.module]
        its.parent = None if scope.parent is None else scopes[scope.parent]
        its.items = [items[item] for item in scope.items]
        its.arriving = tuple(map(now, scope.arriving))
    for module, another in modules.items():
        another.parent = None if module.parent is None else modules[module.parent]
        another.children = [modules[child] for child in module.children]
        another.scopes = [scopes[scope] for scope in module.scopes]
        another.arguments = {name: value(given) for name, given in module.arguments.items()}
    outputs = [copy(output) for output in graph.outputs]
    for output in outputs:
        output.tensors = tuple(map(now, output.tensors))
    result = copy(graph)
    result.root, result.outputs, result.folds = modules[graph.root], outputs, list(graph.folds)
    result.nodes = list(nodes.values())
    result.inputs = {name: now(tensor) for name, tensor in graph.inputs.items()}
    return result


def _modules(root: Module) -> dict[Module, Module]:
    """A module and all that are inside it, each with a copy."""
    found: dict[Module, Module] = {}
    waiting = [root]
    while waiting:
        module = waiting.pop()
        found[module] = copy(module)
        waiting += module.children
    return found
