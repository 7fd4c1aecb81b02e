"""Sizes that a generated module reads from tensors as it runs, where the text takes them from these."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping

from archdsl.graph.model import Measure, Node, Tensor
from archdsl.layers import Layer, Shape
from archdsl.layers.form import Expr, Form, Input, Space, method


def measures_of(node: Node, nodes: Container[Node]) -> list[Measure]:
    """Those of one layer at work, of tensors that are computed anyway; `nodes` are all of the graph."""
    if node.layer is None or not node.measures:
        return []
    return [
        measure
        for measure in node.measures
        if measure.parameter in node.layer.sized
        and measure.tensor.node in nodes
        and not measure.tensor.node.idle
        and node.training >= measure.tensor.node.training
    ]


def read_by(node: Node, measures: list[Measure]) -> list[Tensor]:
    """What a layer takes, then other tensors whose sizes it reads."""
    if not measures:
        return list(node.inputs)
    return [*node.inputs, *dict.fromkeys(m.tensor for m in measures if m.tensor not in node.inputs)]


def form_of(
    node: Node, layer: Layer, xs: tuple[Shape, ...], ys: tuple[Shape, ...], measures: list[Measure]
) -> Form:
    """A layer in PyTorch, with what it takes and then what it measures as its inputs."""
    if not measures:
        return layer.form(xs, ys)
    read = read_by(node, measures)
    return layer.sized_form(xs, ys, {m.parameter: _size(m, read.index(m.tensor)) for m in measures})


def resized(layer: Layer, measures: list[Measure], shape: Callable[[Tensor], Shape]) -> Layer:
    """The layer that the text makes where what it measures has other shapes. Raises ArgumentError."""
    if not measures:
        return layer
    values: Mapping[str, object] = {k: v for k, v in layer.values().items() if v is not None}
    taken: dict[str, object] = {}
    for measure in measures:
        dims = shape(measure.tensor).dims
        taken[measure.parameter] = list(dims[1:]) if measure.axis is None else dims[measure.axis]
    return type(layer)({**values, **taken})


def _size(measure: Measure, at: int) -> Expr:
    """The size of what arrives as number `at`."""
    return Space(at) if measure.axis is None else method(Input(at), "size", measure.axis + 1)
