"""The smallest input that a network takes, where the sizes of the one it was given ran out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from archdsl.graph.model import Graph, Node, Tensor
from archdsl.layers import ArgumentError, LayerError, Shape
from archdsl.records import record

#: Nodes of a network for which it is worked out, and the doublings of the input that are tried.
MOST_NODES, MOST_DOUBLINGS = 10_000, 6
#: Steps that this takes together.
MOST_STEPS = 600_000

Sizes = dict[str, tuple[int, ...]]


@record
class Starved:
    """What is too small for a layer that it reaches: the mistake is reported as `code`."""

    code: str
    inputs: tuple[Tensor, ...]


#: elaborates the network for other inputs; None if it has a mistake
Attempt = Callable[[Sizes], Graph | None]


def smallest(starved: Starved, attempt: Attempt) -> tuple[str, Shape] | None:
    """The input to enlarge, by name, and its smallest shape; None if that cannot be said.

    The input is doubled until the network has no mistake, and the layers that it has then are replayed for the sizes
    between. A shape is given only if the network has no mistake for it, and has one for the shape just below.
    """
    entries = _entries(starved.inputs)
    if len(entries) != 1:
        return None
    name, shape = entries[0].input, entries[0].outputs[0].shape
    if len(set(shape.spatial)) != 1:
        return None
    size = shape.spatial[0]
    for _ in range(MOST_DOUBLINGS):
        low, size = size, 2 * size
        graph = attempt({name: _square(shape, size).dims})
        if graph is not None:
            high = _search(graph.nodes, name, shape, low, size)
            good = high == size or attempt({name: _square(shape, high).dims}) is not None
            below = attempt({name: _square(shape, high - 1).dims}) is not None
            return (name, _square(shape, high)) if good and not below else None
    return None


def _entries(tensors: Sequence[Tensor]) -> list[Node]:
    """The inputs that tensors are made from."""
    found: set[Node] = set()
    waiting = [tensor.node for tensor in tensors]
    while waiting and len(found) <= MOST_NODES:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting.extend(tensor.node for tensor in node.inputs)
    return [node for node in found if node.layer is None] if len(found) <= MOST_NODES else []


def _search(nodes: Sequence[Node], name: str, shape: Shape, low: int, high: int) -> int:
    """The smallest size above `low` that all layers take; they take `high`."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _replay(nodes, name, _square(shape, middle)) else (middle, high)
    return high


def _square(shape: Shape, size: int) -> Shape:
    return Shape((shape.channels, *(size for _ in shape.spatial)))


def _replay(nodes: Sequence[Node], name: str, shape: Shape) -> bool:
    """Whether layers take an input of this shape."""
    shapes: dict[Tensor, Shape] = {}
    try:
        for node in nodes:
            if node.layer is None:
                shapes[node.outputs[0]] = shape if node.input == name else node.outputs[0].shape
            else:
                left = node.layer.outputs(tuple(shapes[tensor] for tensor in node.inputs))
                shapes.update(zip(node.outputs, left, strict=True))
    except (LayerError, ArgumentError):
        return False
    return True
