"""Whether a module takes inputs of other sizes than it was compiled for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from archdsl.graph.measures import form_of, measures_of, read_by, resized
from archdsl.graph.model import Graph, Measure, Node, Tensor
from archdsl.layers import ArgumentError, Extern, Layer, LayerError, Shape

#: A step that is tried at the most.
_MOST_STEP = 256
_AXES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}


def size_rule(graph: Graph) -> Callable[[Tensor], str]:
    """What is said of the sizes of an input: that they may vary, or may not; nothing where it has none."""
    varies = _varies(graph)
    step = _step(graph) if varies else 1
    steps = f" in steps of {step}" if step > 1 else ""

    def told(tensor: Tensor) -> str:
        axes = _AXES.get(len(tensor.shape.dims) - 1)
        if not axes or varies is None:
            return ""
        *some, last = axes
        named = f"{', '.join(some)} and {last}" if some else last
        return f"{named} may vary{steps}" if varies else "of this size alone"

    return told


def _varies(graph: Graph) -> bool | None:
    """Whether the network is the same where inputs are larger; None where that cannot be known.

    Sizes are multiplied, each axis by its own factor or all by one: so the network still halves them as often as it
    does. The layers are held first, which are at hand; then, if the text reads sizes, it is worked out for such inputs,
    where an `if` or a size that is computed may come out otherwise.
    """
    for factors in ((2, 3), (2, 2)):
        larger = partial(_multiplied, factors)
        held = _layers_hold(graph, larger)
        if held is not True:
            return held
        if not graph.sized:
            return True
        if graph.at is None:
            return None
        other = graph.at({name: larger(t.shape).dims for name, t in graph.inputs.items()})
        if other is not None:
            return _alike(graph, other)
    return False


def _step(graph: Graph) -> int:
    """By how much sizes may grow at the least, for the layers: 16 where what was halved four times is joined again."""
    step = 1
    while step < _MOST_STEP and not _layers_hold(graph, partial(_added, step)):
        step *= 2
    return step


def _added(step: int, shape: Shape) -> Shape:
    first, *sizes = shape.dims
    return Shape((first, *(size + step for size in sizes)), shape.tokens)


def _multiplied(factors: tuple[int, int], shape: Shape) -> Shape:
    first, *sizes = shape.dims
    return Shape((first, *(size * factors[axis % 2] for axis, size in enumerate(sizes))), shape.tokens)


def _layers_hold(graph: Graph, larger: Callable[[Shape], Shape]) -> bool | None:
    """Whether all layers are the same where inputs are larger."""
    shapes: dict[Tensor, Shape] = {}
    nodes = set(graph.nodes)
    known: dict[tuple[object, ...], tuple[Shape, ...] | None] = {}
    for node in graph.nodes:
        if node.layer is None:
            (tensor,) = node.outputs
            shapes[tensor] = larger(tensor.shape)
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


def _alike(graph: Graph, other: Graph) -> bool:
    """Whether two networks compute the same, in the same order, whatever the sizes of their tensors."""
    nodes, others = set(graph.nodes), set(other.nodes)

    def described(node: Node, among: set[Node]) -> tuple[object, ...]:
        measures = measures_of(node, among)
        read = [(tensor.node.id, tensor.index) for tensor in read_by(node, measures)]
        if node.layer is None:
            return (node.input,)
        xs, ys = tuple(x.shape for x in node.inputs), tuple(y.shape for y in node.outputs)
        path = node.module.path if node.module is not None else ""
        return node.operation, path, read, form_of(node, node.layer, xs, ys, measures), node.layer.weights(xs)

    return len(graph.nodes) == len(other.nodes) and all(
        described(a, nodes) == described(b, others) for a, b in zip(graph.nodes, other.nodes, strict=True)
    )


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
