"""The smallest input that a network takes, where the sizes of the one it was given ran out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from archdsl.graph.model import Node, Tensor
from archdsl.layers import ArgumentError, Layer, LayerError, Shape
from archdsl.source import Span

#: Nodes of a network for which it is worked out, and the factor up to which inputs are tried.
MOST_NODES, MOST_TIMES = 10_000, 64
#: Times that the network is elaborated for it, and the steps that this takes together.
MOST_ROUNDS, MOST_STEPS = 8, 600_000

Sizes = dict[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Starved:
    """A layer that what arrives is too small for: the mistake reported is `code` at `place`."""

    code: str
    place: Span
    layer: Layer
    inputs: tuple[Tensor, ...]


#: elaborates the network for other inputs: whether it has no mistake, and else the layer it is too small for
Attempt = Callable[[Sizes], tuple[bool, Starved | None]]


def smallest(starved: Starved, attempt: Attempt) -> tuple[str, Shape] | None:
    """The input to enlarge, by name, and its smallest shape; None if that cannot be said.

    Layers are replayed to find it, further ones as they are met. It is given only if the network has no mistake at
    that size, and has one at the size just below.
    """
    for _ in range(MOST_ROUNDS):
        needed = _needed(starved.inputs)
        entries = [node for node in needed if node.layer is None]
        if len(needed) > MOST_NODES or len(entries) != 1:
            return None
        name, shape = entries[0].input, entries[0].outputs[0].shape
        if len(set(shape.spatial)) != 1:
            return None
        low, high = _search(starved, needed, shape)
        if high == 0:
            return None
        good, further = attempt({name: _square(shape, high).dims})
        if good:
            return None if attempt({name: _square(shape, low).dims})[0] else (name, _square(shape, high))
        if further is None:
            return None
        starved = further
    return None


def _search(starved: Starved, needed: list[Node], shape: Shape) -> tuple[int, int]:
    """The largest size that is too small for a layer, and the next one; zeros if the latter is out of reach."""
    now = shape.spatial[0]
    low, high = now, 2 * now
    while not _replay(starved, needed, _square(shape, high)):
        low, high = high, 2 * high
        if high > MOST_TIMES * now:
            return 0, 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _replay(starved, needed, _square(shape, middle)) else (middle, high)
    return low, high


def _square(shape: Shape, size: int) -> Shape:
    return Shape((shape.channels, *(size for _ in shape.spatial)))


def _needed(tensors: tuple[Tensor, ...]) -> list[Node]:
    """The nodes that tensors are made by, in the order in which they are computed."""
    found: set[Node] = set()
    waiting = [tensor.node for tensor in tensors]
    while waiting and len(found) <= MOST_NODES:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting.extend(tensor.node for tensor in node.inputs)
    return sorted(found, key=lambda node: node.id)


def _replay(starved: Starved, needed: list[Node], shape: Shape) -> bool:
    """Whether the layers up to the one that is starved take an input of this shape."""
    shapes: dict[Tensor, Shape] = {}
    try:
        for node in needed:
            layer = node.layer
            given = tuple(shapes[tensor] for tensor in node.inputs)
            shapes.update(zip(node.outputs, (shape,) if layer is None else layer.outputs(given), strict=True))
        starved.layer.outputs(tuple(shapes[tensor] for tensor in starved.inputs))
    except (LayerError, ArgumentError):
        return False
    return True
