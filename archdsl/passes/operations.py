"""Layers that rewrites bring in. The language has no words for them."""

from __future__ import annotations

from dataclasses import replace

from archdsl.layers import Layer, Shape
from archdsl.layers.base import UnaryLayer
from archdsl.layers.form import Call, FunctionForm, Input, Lit, ModuleForm


class Operation(Layer):
    """A layer without parameters of the language."""

    group = "rewritten"
    params = {}
    required = ()
    defaults = {}
    examples = ()

    def __init__(self) -> None:
        super().__init__({})


class ChannelsLast(Operation, UnaryLayer):
    """The same values, the channels of a position side by side in memory."""

    name = "channels_last"
    is_module = False

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> FunctionForm:
        return FunctionForm(Call("channels_last", (Input(),)))


class FusedConv(Operation):
    """A convolution, a tensor added to it where a second one arrives, and an activation, in one kernel."""

    name = "fused_conv"
    weight_axis = 0

    def __init__(self, conv: Layer, activation: str = "") -> None:
        super().__init__()
        self.conv = conv
        self.activation = activation

    def outputs(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        return self.conv.outputs(xs[:1])

    def weights(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        return self.conv.weights(xs[:1])

    def macs(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> int:
        return self.conv.macs(xs[:1], ys)

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ModuleForm:
        form = self.conv.form(xs[:1], ys)
        assert isinstance(form, ModuleForm)
        kwargs = form.call.kwargs
        if self.activation:
            kwargs = (*kwargs, ("activation", Lit(self.activation)))
        return ModuleForm(replace(form.call, function="FusedConv2d", kwargs=kwargs))

    def describe(self, xs: tuple[Shape, ...]) -> str:
        added = " + add" * (len(xs) > 1)
        return f"{self.conv.describe(xs[:1])}{added}{f' + {self.activation}' * bool(self.activation)}"


#: Activations, by their name in the language, that a fused convolution ends with.
FUSED_ACTIVATIONS = frozenset(("relu", "relu6", "silu", "hardswish", "hardsigmoid", "sigmoid", "tanh"))


def can_fuse(layer: Layer, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> bool:
    """Whether a layer is a convolution of images of which there is a fused form."""
    if layer.weight_axis != 0 or len(xs[0].dims) != 3 or xs[0].tokens:
        return False
    form = layer.form(xs, ys)
    return isinstance(form, ModuleForm) and form.call.function == "nn.Conv2d"
