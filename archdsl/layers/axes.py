"""Axes of shapes: those that arguments name, and those of the real tensor, which has the batch in front."""

from __future__ import annotations

from math import gcd

from archdsl.layers.base import Aspect, Layer, LayerError
from archdsl.layers.shape import Shape

#: the spatial axes of a map, by its number of axes
_NAMES = {2: ("length",), 3: ("height", "width"), 4: ("depth", "height", "width")}


def resolve(layer: Layer, axis: int, rank: int, x: Shape, parameter: str = "axis") -> int:
    """`axis` counted from the front; a negative one counts from the end, as in Python."""
    if not -rank <= axis < rank:
        raise LayerError(
            f"`{layer.name}` works along axis {axis}, and {x} has {count(rank, 'axis')}",
            code="E602",
            parameter=parameter,
            help=f"axes are counted without the batch: 0 to {rank - 1}, or -{rank} to -1",
        )
    return axis % rank


def feature_axis(layer: Layer, axis: int | None, x: Shape) -> int:
    """The axis that an argument names, by default that of the features."""
    return x.channel_axis if axis is None else resolve(layer, axis, len(x.dims), x)


def split_features(layer: Layer, groups: int, x: Shape, leaving: int = 0) -> None:
    """Hold groups against the features that arrive, and perhaps those that leave. Raises LayerError (E602)."""
    if x.channels % groups:
        raise LayerError(
            f"`groups` of `{layer.name}` does not divide the channels that arrive",
            code="E602",
            parameter="groups",
            aspect=Aspect.CHANNELS,
            notes=(f"{groups} groups, and {x} has {x.channels} channels",),
            help=dividing((x.channels, leaving) if leaving else (x.channels,), groups, "channels"),
        )


def dividing(numbers: tuple[int, ...], near: int, noun: str) -> str:
    """A help line with the numbers next to one that divide all of some."""
    common = gcd(*numbers)
    if common > 2**31 or near < 1:
        return ""
    below = next((n for n in range(min(near, common), 0, -1) if common % n == 0), 1)
    above = next((n for n in range(near, min(common, 4 * near) + 1) if common % n == 0), below)
    found = " and ".join(str(n) for n in dict.fromkeys((below, above)))
    every = " and ".join(str(n) for n in dict.fromkeys(numbers))
    return f"{found} divide{'s' * (below == above)} {every} {noun}"


def torch_dim(x: Shape, axis: int) -> int:
    """The dimension of the real tensor for an axis of the shape; the features of tokens are -1."""
    return -1 if x.tokens and axis == len(x.dims) - 1 else axis + 1


def like(x: Shape, dims: tuple[int, ...]) -> Shape:
    """`dims` as a map or as tokens, whatever `x` is; a single axis is that of the features either way."""
    return Shape(dims, x.tokens and len(dims) > 1)


def axis_name(x: Shape, axis: int) -> str:
    """`channels`, or `axis 1 (height)`."""
    if axis == x.channel_axis:
        return "features" if x.tokens else "channels"
    names = () if x.tokens else _NAMES.get(len(x.dims), ())
    return f"axis {axis} ({names[axis - 1]})" if names else f"axis {axis}"


def count(n: int, noun: str) -> str:
    """`1 axis`, `2 axes`."""
    if n == 1:
        return f"1 {noun}"
    return f"{n} {noun[:-2] + 'es' if noun.endswith('is') else noun + 's'}"
