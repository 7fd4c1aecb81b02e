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


#: By the constructor of a linear map, that of the form of it which one kernel computes with what follows.
_FUSED = {"nn.Conv2d": "FusedConv2d", "nn.Linear": "FusedLinear", "SelfAttention": "FusedSelfAttention"}


class Append(Operation):
    """Maps behind others in one storage, which has room for `channels`."""

    name = "append"
    is_join = True
    is_module = False

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels

    def outputs(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        first, *others = xs
        return (Shape((first.channels + sum(x.channels for x in others), *first.dims[1:])),)

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> FunctionForm:
        return FunctionForm(Call("concatenated", (Input(0), Input(1), Lit(self.channels, "room"))))


#: Activations, by their name in the language, that such a kernel ends with.
FUSED_ACTIVATIONS = frozenset(
    ("relu", "relu6", "silu", "gelu", "hardswish", "hardsigmoid", "sigmoid", "tanh")
)


class Fused(Operation):
    """A linear map, a tensor added to it where a second one arrives, and an activation, in one kernel."""

    name = "fused"
    makes_new = True
    can_be_in_place = True

    def __init__(self, layer: Layer, activation: str = "") -> None:
        super().__init__()
        self.layer = layer
        self.activation = activation
        self.keeps_output = bool(activation)
        self.weight_axis = layer.weight_axis  # type: ignore[misc]

    @property
    def has_modes(self) -> bool:
        return self.layer.has_modes

    def outputs(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        return self.layer.outputs(xs[:1])

    def weights(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        return self.layer.weights(xs[:1])

    def macs(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> int:
        return self.layer.macs(xs[:1], ys)

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ModuleForm:
        form = self.layer.form(xs[:1], ys)
        assert isinstance(form, ModuleForm)
        kwargs = form.call.kwargs
        if self.activation:
            kwargs = (*kwargs, ("activation", Lit(self.activation)))
        if self.in_place:
            kwargs = (*kwargs, ("in_place", Lit(True)))
        return ModuleForm(replace(form.call, function=_FUSED[form.call.function], kwargs=kwargs))

    def describe(self, xs: tuple[Shape, ...]) -> str:
        added = " + add" * (len(xs) > 1)
        return f"{self.layer.describe(xs[:1])}{added}{f' + {self.activation}' * bool(self.activation)}"


def fused_form(layer: Layer, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> str:
    """The constructor of the fused form of a layer; empty if there is none."""
    if not layer.is_module:
        return ""
    form = layer.form(xs, ys)
    return _FUSED.get(form.call.function, "") if isinstance(form, ModuleForm) else ""


def takes_sum(layer: Layer, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> bool:
    """Whether the fused form of a layer adds a second tensor."""
    return fused_form(layer, xs, ys) == "FusedConv2d"


def takes_activation(layer: Layer, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> bool:
    """Whether the fused form of a layer ends with an activation."""
    return fused_form(layer, xs, ys) in ("FusedConv2d", "FusedLinear")


def fused_activation(layer: Layer) -> str:
    """What such a kernel calls an activation; empty where it has none."""
    name = layer.name if layer.name in FUSED_ACTIVATIONS else ""
    return "" if name == "gelu" and layer.values()["approximate"] != "none" else name
