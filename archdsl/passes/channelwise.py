"""Layers that rewrites bring in, with values of their own for each channel."""

from __future__ import annotations

from archdsl.layers import Shape
from archdsl.layers.base import UnaryLayer
from archdsl.layers.form import Call, Lit, ModuleForm, options
from archdsl.passes.operations import Operation


class ChannelClamp(Operation, UnaryLayer):
    """Each channel of images held between two bounds of its own."""

    name = "channel_clamp"

    def buffers(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        return {"lower": (xs[0].channels, 1, 1), "upper": (xs[0].channels, 1, 1)}

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ModuleForm:
        return ModuleForm(Call("ChannelClamp", (Lit(xs[0].channels),)))


class ChannelAffine(Operation, UnaryLayer):
    """A factor and a constant for each channel of a map."""

    name = "channel_affine"

    def buffers(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        sizes = (xs[0].channels, *[1] * (len(xs[0].dims) - 1))
        return {"scale": sizes, "shift": sizes}

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ModuleForm:
        rank = options(("rank", len(xs[0].dims), 3))
        return ModuleForm(Call("ChannelAffine", (Lit(xs[0].channels),), rank))
