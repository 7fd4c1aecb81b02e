"""Whether a module takes inputs of other sizes than it was compiled for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from archdsl.emit.measures import form_of, measures_of, resized
from archdsl.graph.model import Graph, Measure, Node, Tensor
from archdsl.layers import ArgumentError, Extern, Layer, LayerError, Shape

_AXES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}


def size_rule(graph: Graph) -> Callable[[Tensor], str]:
    """What is said of the sizes of an input: that they may vary, or may not; nothing where it has none."""
    varies = _varies(graph)

    def told(tensor: Tensor) -> str:
        axes = _AXES.get(len(tensor.shape.dims) - 1)
        if not axes or varies is None:
            return ""
        *some, last = axes
        named = f"{', '.join(some)} and {last}" if some else last
        return f"{named} may vary" if varies else "of this size alone"

    return told


def _varies(graph: Graph) -> bool | None:
    """Whether all layers are the same where inputs are larger; None where that cannot be known.

    Sizes are multiplied, each axis by its own factor: so the network still halves them as often as it does.
    """
    shapes: dict[Tensor, Shape] = {}
    nodes = set(graph.nodes)
    known: dict[tuple[object, ...], tuple[Shape, ...] | None] = {}
    for node in graph.nodes:
        if node.layer is None:
            (tensor,) = node.outputs
            first, *sizes = tensor.shape.dims
            larger = (size * (2 + axis % 2) for axis, size in enumerate(sizes))
            shapes[tensor] = Shape((first, *larger), tensor.shape.tokens)
            continue
        if isinstance(node.layer, Extern):
            return None
        given = tuple(shapes[x] for x in node.inputs)
        measures = measures_of(node, nodes)
        measured = ((m.parameter, m.axis, m.tensor.shape, shapes[m.tensor]) for m in measures)
        key = (id(node.layer), given, *(x.shape for x in node.inputs), *measured)
        if key not in known:
            known[key] = _same(node, node.layer, given, measures, shapes)
        found = known[key]
        if found is None:
            return False
        shapes.update(zip(node.outputs, found, strict=True))
    return True


def _same(
    node: Node,
    layer: Layer,
    given: tuple[Shape, ...],
    measures: list[Measure],
    shapes: Mapping[Tensor, Shape],
) -> tuple[Shape, ...] | None:
    """What leaves a layer, if it is the same one with other shapes, those of what it measures among them."""
    before, left = tuple(x.shape for x in node.inputs), tuple(x.shape for x in node.outputs)
    try:
        other = resized(layer, measures, shapes.__getitem__)
        leaves = other.outputs(given)
        form = form_of(node, other, given, leaves, measures)
        same = other.weights(given) == layer.weights(before)
        same = same and form == form_of(node, layer, before, left, measures)
    except (LayerError, ArgumentError):
        return None
    return leaves if same and len(leaves) == len(node.outputs) else None
