"""How many weights a module trains, and which node answers for them."""

from __future__ import annotations

from math import prod

from archdsl.graph.model import Graph, Module, Node


def parameters(module: Module) -> int:
    """Trained elements of a single layer, those without known names included."""
    unnamed = 0 if module.layer is None else module.layer.unnamed
    return unnamed + sum(prod(shape) for shape in module.weights.values())


def first_uses(graph: Graph) -> dict[Node, int]:
    """The nodes that train something, with how much: a shared layer's weights stand at its first use."""
    counted: set[Module] = set()
    found: dict[Node, int] = {}
    for node in graph.nodes:
        if node.module is not None and node.module not in counted and (trained := parameters(node.module)):
            counted.add(node.module)
            found[node] = trained
    return found
