"""Layers that rewrites bring in, with values of their own for each channel."""

from __future__ import annotations

from archdsl.layers import Shape
from archdsl.layers.base import UnaryLayer
from archdsl.layers.form import Call, Lit, ModuleForm
from archdsl.passes.operations import Operation


class ChannelClamp(Operation, UnaryLayer):
    """Each channel of images held between two bounds of its own."""

    name = "channel_clamp"

    def buffers(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        return {"lower": (xs[0].channels, 1, 1), "upper": (xs[0].channels, 1, 1)}

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ModuleForm:
        return ModuleForm(Call("ChannelClamp", (Lit(xs[0].channels),)))
