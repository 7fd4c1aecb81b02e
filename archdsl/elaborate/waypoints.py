"""What is said of a waypoint that does not hold: the way to the shape, and the argument to blame."""

from __future__ import annotations

from copy import copy
from fractions import Fraction

from archdsl.diagnostics import Label
from archdsl.elaborate.faults import Fault
from archdsl.elaborate.origin import Origins, brief
from archdsl.elaborate.values import WILDCARD, Value, Wildcard
from archdsl.graph.model import Node, Tensor
from archdsl.layers import ArgumentError, Aspect, Layer, LayerError, Shape
from archdsl.layers.axes import count
from archdsl.source import Span

#: Layers, the nearest first, and nodes behind them that are looked at for a cause.
MOST_CAUSES, MOST_NODES = 8, 400
#: Arguments that change sizes, with the values that are tried; then those that say how many channels leave.
_SIZES: dict[str, tuple[Value, ...]] = {
    "stride": (1, 2, 4),
    "extra": (1, 0),
    "pad": ("half", 0, 1, 2, 3, "same"),
    "ceil": (True, False),
    "scale": (2, 4),
}
_CHANNELS = ("channels", "features")

Wanted = list[Value]  # ints, and wildcards


def unmet(wanted: Wanted, tensor: Tensor, span: Span, origins: Origins) -> Fault:
    """The fault (E501) that a tensor has another shape than the waypoint says."""
    shape = tensor.shape
    text = "[" + ", ".join("_" if type(v) is Wildcard else str(v) for v in wanted) + "]"
    place = origins.label(tensor, None)
    if len(wanted) != len(shape.dims):
        aspect, mend = Aspect.SHAPE, ""
        said = [f"the waypoint has {count(len(wanted), 'axis')}, and the shape {len(shape.dims)}"]
    else:
        wrong = {axis for axis, v in enumerate(wanted) if type(v) is int and v != shape.dims[axis]}
        at = shape.channel_axis
        aspect = (
            Aspect.SHAPE
            if at in wrong and len(wrong) > 1
            else Aspect.CHANNELS
            if at in wrong
            else Aspect.SIZES
        )
        mend = _cause(wanted, text, tensor, origins)
        said = [*_held(wanted, tensor, origins), *_times(wanted, shape, wrong - {at})]
    story = origins.story(tensor, f"how the {aspect.value} came about", aspect)
    return Fault(
        "E501",
        f"the waypoint says {text}, and the shape here is {shape}",
        span,
        labels=(Label(place, f"this gives {shape}"),),
        notes=(*(story or origins.comes(tensor, place, aspect)), *said),
        help=f"{mend}, or the waypoint is {shape}" if mend else "",
    )


def _times(wanted: Wanted, shape: Shape, wrong: set[int]) -> tuple[str, ...]:
    """A note that all sizes are the same multiple of what the waypoint says."""
    ratios = {Fraction(shape.dims[axis], wanted[axis]) if wanted[axis] else Fraction(0) for axis in wrong}
    ratio = ratios.pop() if len(ratios) == 1 and not shape.tokens else Fraction(0)
    if ratio > 1 and ratio.denominator == 1:
        return (
            f"the sizes are {ratio} times those of the waypoint: strides or pools of {ratio} in all are missing",
        )
    return ()


def matches(wanted: Wanted, dims: tuple[int, ...]) -> bool:
    """Whether a shape is what a waypoint says."""
    return len(wanted) == len(dims) and all(
        type(v) is Wildcard or v == d for v, d in zip(wanted, dims, strict=True)
    )


def _held(wanted: Wanted, tensor: Tensor, origins: Origins) -> tuple[str, ...]:
    """A note that the shape, or a size near it, was there before, and which layer changed it."""
    steps = origins.history(tensor)
    pairs = list(zip(steps[-2::-1], steps[:0:-1], strict=True))
    for one, after in pairs:
        if matches(wanted, one.shape.dims):
            return (f"{one.shape} was there; {origins.told(after)} makes it {after.shape}",)
    for one, after in pairs:
        if _near(wanted, one.shape) and not _near(wanted, after.shape):
            there = all(v in (d, WILDCARD) for v, d in zip(wanted[1:], one.shape.dims[1:], strict=True))
            was = f"the size {Shape(one.shape.spatial).brief()} was {'there' if there else 'near it'}"
            return (f"{was}; {origins.told(after)} makes it {Shape(after.shape.spatial).brief()}",)
    return ()


def _near(wanted: Wanted, shape: Shape) -> bool:
    """Whether sizes are those of the waypoint, or but for a little of padding."""
    at = shape.channel_axis
    if len(wanted) != len(shape.dims) or len(wanted) < 2:
        return False
    sizes = [(v, d) for axis, (v, d) in enumerate(zip(wanted, shape.dims, strict=True)) if axis != at]
    return all(type(v) is Wildcard or (abs(v - d) <= 2 and 8 * abs(v - d) <= v) for v, d in sizes)


def _cause(wanted: Wanted, text: str, tensor: Tensor, origins: Origins) -> str:
    """The argument of one layer, the nearest, with which the waypoint would hold."""
    steps = [origins.maker(tensor), *reversed(origins.history(tensor)[-MOST_CAUSES:])]
    for step in dict.fromkeys(steps):
        layer = step.node.layer
        if layer is None:
            continue
        behind = _between(step.node, tensor.node)
        for name, value, other in _variants(layer, wanted, tensor.shape):
            if behind is not None and _gives(wanted, tensor, behind, step.node, other):
                shown = str(value).lower()
                return (
                    f"`{name}={shown}` in `{brief(step.span.text)}` {origins.at(step.span)} would give {text}"
                )
    return ""


def _variants(layer: Layer, wanted: Wanted, shape: Shape) -> list[tuple[str, Value, Layer]]:
    """The layer with one other argument."""
    tried = [(name, value) for name, values in _SIZES.items() for value in values]
    channels = wanted[shape.channel_axis]
    if type(channels) is int and channels > 0:
        tried += [(name, channels) for name in _CHANNELS]
    found: list[tuple[str, Value, Layer]] = []
    for name, value in tried:
        if name not in layer.params or layer.__dict__.get(name) in (None, value):
            continue
        other = copy(layer)
        other.__dict__[name] = value
        try:
            other.check()
        except ArgumentError:
            continue
        found.append((name, value, other))
    return found


def _between(first: Node, last: Node) -> list[Node] | None:
    """The nodes that lie between two, the first included; None if they are too many."""
    found: set[Node] = {first}
    waiting = [last]
    while waiting and len(found) <= MOST_NODES:
        node = waiting.pop()
        if node not in found and node.id > first.id:
            found.add(node)
            waiting.extend(tensor.node for tensor in node.inputs)
    return sorted(found, key=lambda node: node.id) if len(found) <= MOST_NODES else None


def _gives(wanted: Wanted, tensor: Tensor, nodes: list[Node], changed: Node, other: Layer) -> bool:
    """Whether a tensor would be as wanted if one node were another layer."""
    shapes: dict[Tensor, Shape] = {}
    try:
        for node in nodes:
            layer = other if node is changed else node.layer
            if layer is None:
                continue
            given = tuple(shapes.get(t, t.shape) for t in node.inputs)
            shapes.update(zip(node.outputs, layer.outputs(given), strict=False))
    except (LayerError, ArgumentError):
        return False
    return matches(wanted, shapes.get(tensor, tensor.shape).dims)
