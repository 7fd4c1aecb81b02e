"""The smallest input that a network takes, where the sizes of the one it was given ran out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from archdsl.graph.model import Node, Tensor
from archdsl.layers import ArgumentError, Layer, LayerError, Shape
from archdsl.source import Span

#: Nodes of a network for which it is worked out, and the factor up to which inputs are tried.
MOST_NODES, MOST_TIMES = 10_000, 64

Sizes = dict[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Starved:
    """A layer that what arrives is too small for: the mistake reported is `code` at `place`."""

    code: str
    place: Span
    layer: Layer
    inputs: tuple[Tensor, ...]


def smallest(starved: Starved, holds: Callable[[Sizes], bool]) -> tuple[str, Shape] | None:
    """The input to enlarge, by name, and its smallest shape; None if that cannot be said.

    Layers are replayed to find it. `holds` elaborates the network for input shapes and says whether it has no mistake:
    the shape is given only if that is so for it, and not for the one just below.
    """
    needed = _needed(starved.inputs)
    entries = [node for node in needed if node.layer is None]
    if len(needed) > MOST_NODES or len(entries) != 1:
        return None
    entry = entries[0]
    shape = entry.outputs[0].shape
    if len(set(shape.spatial)) != 1:
        return None
    now = shape.spatial[0]

    def shaped(size: int) -> Shape:
        return Shape((shape.channels, *(size for _ in shape.spatial)))

    def fits(size: int) -> bool:
        return _replay(starved, needed, shaped(size))

    low, high = now, 2 * now
    while not fits(high):
        low, high = high, 2 * high
        if high > MOST_TIMES * now:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(middle) else (middle, high)
    good = holds({entry.input: shaped(high).dims}) and not holds({entry.input: shaped(low).dims})
    return (entry.input, shaped(high)) if good else None


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
