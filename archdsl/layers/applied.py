"""A layer applied to tensors of given shapes: all that follows, if PyTorch can count it."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

from archdsl.layers.base import Layer, LayerError
from archdsl.layers.shape import Shape
from archdsl.records import record

#: PyTorch counts the bytes of a tensor with 64 bits, of which one is the sign, and a value has four bytes
MOST_VALUES = (2**63 - 1) // 4


@record
class Applied:
    """What leaves, trained parameters and buffers by name, and multiply-accumulates; see Layer."""

    outputs: tuple[Shape, ...]
    weights: dict[str, tuple[int, ...]]
    buffers: dict[str, tuple[int, ...]]
    macs: int


def apply(layer: Layer, xs: tuple[Shape, ...]) -> Applied:
    """Raises LayerError, also where PyTorch could make no tensor of the size (E602)."""
    _count(layer, "takes", (x.dims for x in xs))
    ys = layer.outputs(xs)
    weights = layer.weights(xs)
    _count(layer, "gives", (y.dims for y in ys))
    _count(layer, "computes", layer.inside(xs))
    _count(layer, "learns", weights.values())
    return Applied(ys, weights, layer.buffers(xs), layer.macs(xs, ys))


def _count(layer: Layer, verb: str, tensors: Iterable[tuple[int, ...]]) -> None:
    for dims in tensors:
        if prod(dims) > MOST_VALUES:
            raise LayerError(
                f"`{layer.name}` {verb} a tensor of more values than PyTorch can count",
                code="E602",
                notes=(f"{Shape(dims)} are more than {MOST_VALUES:,} values",),
            )
