"""Convolutions."""

from __future__ import annotations

from abc import abstractmethod
from math import prod

from archdsl.layers.axes import split_features
from archdsl.layers.base import ArgumentError, Param, UnaryLayer, layer
from archdsl.layers.form import Call, Lit, ModuleForm, options
from archdsl.layers.init import bias_init_param, init_calls, init_param
from archdsl.layers.kinds import Bool, Extent, Int, Padding
from archdsl.layers.page import Example, Formula, Let
from archdsl.layers.shape import Shape
from archdsl.layers.windows import (
    DILATED,
    Pair,
    alike,
    around,
    bounded,
    flat,
    pad_pairs,
    plain,
    same_pairs,
    same_sizes,
    slide,
    spatial_rank,
    spread,
    suffix,
    times,
)

#: the help where no spatial axes arrive
NO_SPACE = "`linear` takes features without spatial axes"
#: sizes that leave, along each spatial axis
_SIZES = (
    Let("m", "(n + stride - 1) // stride", "pad == same", each=True),
    Let("m", f"(n + before + after - {DILATED} - 1) // stride + 1", each=True),
    *around(DILATED),
)


class _Convolution(UnaryLayer):
    """What `conv` and `depthwise` share. They repeat the parameters in their own order."""

    weight_axis = 0
    makes_new = True
    kernel = Param(Extent(1), "extent of the window", elsewhere="kernel_size pool_size filter_size ksize")
    stride = Param(Extent(1), "step of the window", 1, elsewhere="strides")
    pad = Param(
        Padding("half", "valid", "same"),
        "zeros around the input: `half` of an odd kernel on both sides and none for an even one, none "
        "(`valid`), TensorFlow's `same`, an int, one for each axis, or before and after, axis by axis",
        "half",
        elsewhere="padding paddings",
    )
    dilation = Param(Extent(1), "distance between the taps of the kernel", 1, elsewhere="dilation_rate")
    bias = Param(Bool(), "learn a bias for each channel that leaves", True, elsewhere="use_bias")
    init = init_param()
    bias_init = bias_init_param()

    @abstractmethod
    def leaving(self, x: Shape) -> int:
        """Channels that leave."""

    @abstractmethod
    def grouping(self, x: Shape) -> int:
        """Groups of channels that do not see each other."""

    def _pads(self, x: Shape) -> tuple[Pair, ...] | None:
        """Padding before and after, axis by axis; None where it depends on the size of the input."""
        kernel = spread(self, "kernel", self.kernel, x)
        stride = spread(self, "stride", self.stride, x)
        dilation = spread(self, "dilation", self.dilation, x)
        if self.pad == "same":
            return same_pairs(kernel, stride, dilation)
        return pad_pairs(self, self.pad, kernel, dilation, x)

    def shape(self, x: Shape) -> Shape:
        spatial_rank(self, x, NO_SPACE)
        pads = self._pads(x)
        stride = spread(self, "stride", self.stride, x)
        groups = self.grouping(x)
        split_features(self, groups, x, self.leaving(x))
        if pads is None:
            sizes = same_sizes(x, stride)
        else:
            kernel, dilation = (
                spread(self, "kernel", self.kernel, x),
                spread(self, "dilation", self.dilation, x),
            )
            whole = "half" if all(k % 2 for k in kernel) else "same"
            sizes = slide(self, x, kernel, stride, pads, dilation, mend=f"`pad={whole}`, which fits any size")
        return Shape((bounded(self, self.leaving(x)), *sizes))

    def weights(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        x = xs[0]
        channels = self.leaving(x)
        weights = {
            "weight": (channels, x.channels // self.grouping(x), *spread(self, "kernel", self.kernel, x))
        }
        return {**weights, "bias": (channels,)} if self.bias else weights

    def macs(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> int:
        x = xs[0]
        return ys[0].numel * (x.channels // self.grouping(x)) * prod(spread(self, "kernel", self.kernel, x))

    def keeps_constants(self, xs: tuple[Shape, ...]) -> bool:
        pads = self._pads(xs[0])
        return pads is not None and not any(map(any, pads))

    def is_pointwise(self, xs: tuple[Shape, ...]) -> bool:
        sizes = (
            *spread(self, "kernel", self.kernel, xs[0]),
            *spread(self, "stride", self.stride, xs[0]),
        )
        return set(sizes) == {1} and self.keeps_constants(xs)

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ModuleForm:
        x = xs[0]
        rank = len(x.dims) - 1
        kernel = plain(spread(self, "kernel", self.kernel, x))
        pads = self._pads(x)
        padding: tuple[str, int | tuple[int, ...], object] = ("padding", 0, 0)
        if pads is None:
            function = f"SameConv{rank}d"
        elif alike(pads):
            function, padding = f"nn.Conv{rank}d", ("padding", plain(tuple(p for p, _ in pads)), 0)
        else:
            function, padding = f"PaddedConv{rank}d", ("pad", flat(pads), None)
        call = Call(
            function,
            (Lit(x.channels), Lit(self.leaving(x)), Lit(kernel)),
            options(
                ("stride", plain(spread(self, "stride", self.stride, x)), 1),
                padding,
                ("dilation", plain(spread(self, "dilation", self.dilation, x)), 1),
                ("groups", self.grouping(x), 1),
                ("bias", self.bias, True),
            ),
        )
        return ModuleForm(call, init_calls(self.init, self.bias_init if self.bias else None))


@layer("conv", "convolution", elsewhere="convolution convnd", inferred="in_channels in_planes input_channels")
class Conv(_Convolution):
    """Convolution over one, two or three spatial axes (LeCun et al., 1989)."""

    rule = (
        "Channels become `channels`. Along each spatial axis one value leaves for each place of the window: with "
        "`pad=half`, an odd kernel and a stride of 1 the size stays, and a stride divides it, rounded up."
    )
    formula = Formula("[c, *n]", "[channels, *m]", _SIZES)
    trained = "channels * (c // groups * prod(kernel) + (1 if bias else 0))"
    cost = "prod(y) * (c // groups) * prod(kernel)"
    examples = (
        Example("conv(64, 7, stride=2)", [3, 224, 224]),
        Example("conv(128, 1x7, groups=4, bias=false)", [64, 17, 17]),
        Example("conv(32, 3, stride=2, pad=same)", [3, 224, 224]),
        Example("conv(64, 3, pad=[0, 1, 0, 1])", [32, 56, 56]),
        Example("conv(32, 9, dilation=2)", [1, 16000]),
    )

    channels = Param(
        Int(1), "channels that leave", elsewhere="out_channels filters out_planes output_channels num_filters"
    )
    kernel = _Convolution.kernel
    stride = _Convolution.stride
    pad = _Convolution.pad
    dilation = _Convolution.dilation
    groups = Param(
        Int(1),
        "groups of channels that do not see each other; it divides those that arrive and those that leave",
        1,
        elsewhere="num_groups",
    )
    bias = _Convolution.bias

    def check(self) -> None:
        groups_divide(self.name, self.groups, self.channels)

    def leaving(self, x: Shape) -> int:
        return self.channels

    def grouping(self, x: Shape) -> int:
        return self.groups

    def describe(self, xs: tuple[Shape, ...]) -> str:
        kernel = times(self.kernel, len(xs[0].spatial))
        return f"conv {kernel}, {self.channels}{suffix(self.stride, self.dilation, self.groups)}"


@layer(
    "depthwise",
    "convolution",
    elsewhere="depthwiseconv depthwiseconvolution",
    inferred="in_channels out_channels channels groups",
)
class Depthwise(_Convolution):
    """Convolution of each channel by itself, the first half of a separable one (Sifre and Mallat, 2014)."""

    rule = (
        "Each channel that arrives gives `multiplier` channels. Along each spatial axis one value leaves for each "
        "place of the window, as of `conv`."
    )
    formula = Formula("[c, *n]", "[c * multiplier, *m]", _SIZES)
    trained = "c * multiplier * (prod(kernel) + (1 if bias else 0))"
    cost = "prod(y) * prod(kernel)"
    examples = (
        Example("depthwise(3, stride=2, bias=false)", [64, 112, 112]),
        Example("depthwise(3, multiplier=2)", [32, 56, 56]),
    )

    kernel = _Convolution.kernel
    stride = _Convolution.stride
    multiplier = Param(Int(1), "channels that leave for each that arrives", 1, elsewhere="depth_multiplier")
    pad = _Convolution.pad

    def leaving(self, x: Shape) -> int:
        return x.channels * self.multiplier

    def grouping(self, x: Shape) -> int:
        return x.channels

    def describe(self, xs: tuple[Shape, ...]) -> str:
        kernel = times(self.kernel, len(xs[0].spatial))
        multiplier = f", ×{self.multiplier}" if self.multiplier != 1 else ""
        return f"depthwise {kernel}{multiplier}{suffix(self.stride, self.dilation)}"


def groups_divide(name: str, groups: int, channels: int) -> None:
    """Hold the groups against the channels that leave. Raises ArgumentError (E602)."""
    if channels % groups:
        raise ArgumentError(
            "groups",
            f"`groups` of `{name}` divides the channels that leave, and {groups} does not divide {channels}",
            code="E602",
        )
